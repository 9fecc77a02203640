-- Holds what no client may name: keys, job state, and the functions through which alone they are reached.
-- object: schema private
create schema if not exists private;
grant usage on schema private to tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
