-- The face of private.get_user_active_org() for clients: the organization a person acts for.
-- object: function {schema}.get_user_active_org(uuid)
create or replace function {schema}.get_user_active_org("user" uuid) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return private.get_user_active_org("user");
end
$$;
revoke all on function {schema}.get_user_active_org(uuid) from public;
grant execute on function {schema}.get_user_active_org(uuid)
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service;
