-- The organization a person acts for; a choice that no longer holds falls back to the earliest active membership.
-- object: function private.get_user_active_org(uuid)
create or replace function private.get_user_active_org("user" uuid) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not private.may_name_person("user") then
        return null;
    end if;
    return private.active_org_of("user");
end
$$;
revoke all on function private.get_user_active_org(uuid) from public;
grant execute on function private.get_user_active_org(uuid)
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service;
