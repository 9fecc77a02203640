-- Chooses the organization a person acts for from the next token on; only one they are an active member of.
-- object: function private.set_user_active_org(uuid, uuid)
create or replace function private.set_user_active_org("user" uuid, org uuid) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not private.may_name_person("user") or not exists (
        select from {schema}.org_members m join {schema}.organizations o on o.id = m.org_id
        where m.user_id = "user" and m.org_id = org and m.state = 'active' and o.status = 'active'
    ) then
        -- The same words for another person, a foreign organization and a missing one.
        raise exception 'no such organization among the active memberships of this person'
            using errcode = 'check_violation', constraint = 'users_active_org_membership', table = 'users';
    end if;
    update {schema}.users u set active_org_id = org where u.id = "user" and u.active_org_id is distinct from org;
    return org;
end
$$;
revoke all on function private.set_user_active_org(uuid, uuid) from public;
grant execute on function private.set_user_active_org(uuid, uuid)
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service;
