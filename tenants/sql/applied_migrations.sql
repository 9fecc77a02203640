-- Names the migrations that this database has had: web processes compare them with their own before they serve.
-- object: function private.applied_migrations()
create or replace function private.applied_migrations() returns text[]
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(m.app || '.' || m.name), '{}') from {schema}.django_migrations m
$$;
revoke all on function private.applied_migrations() from public;
grant execute on function private.applied_migrations() to tenantry_owner, tenantry_service;
