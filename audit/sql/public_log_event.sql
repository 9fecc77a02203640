-- The face of private.log_event() for clients: logs what is no row change, such as a sign-in or a switch.
-- object: function {schema}.log_event(text, uuid, text, text, jsonb)
create or replace function {schema}.log_event(
    action text, org_id uuid default null, table_name text default '', record_id text default '',
    details jsonb default '{}'
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform private.log_event(action, org_id, table_name, record_id, details);
end
$$;
revoke all on function {schema}.log_event(text, uuid, text, text, jsonb) from public;
grant execute on function {schema}.log_event(text, uuid, text, text, jsonb)
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
