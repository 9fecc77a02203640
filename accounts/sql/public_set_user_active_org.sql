-- The face of private.set_user_active_org() for clients: chooses the organization a person acts for.
-- object: function {schema}.set_user_active_org(uuid, uuid)
create or replace function {schema}.set_user_active_org("user" uuid, org uuid) returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return private.set_user_active_org("user", org);
end
$$;
revoke all on function {schema}.set_user_active_org(uuid, uuid) from public;
grant execute on function {schema}.set_user_active_org(uuid, uuid)
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service;
