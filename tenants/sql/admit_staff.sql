-- Decides which organization a staff person works in: one of their own, or for superusers any or all.
-- object: function private.admit_staff(jsonb)
create or replace function private.admit_staff(wanted jsonb) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person {schema}.users;
    org uuid := private.uuid_or_null(wanted ->> 'org_id');
begin
    select * into person from {schema}.users u
    where u.id = private.uuid_or_null(wanted ->> 'sub') and u.is_active and u.is_staff;
    if not found then
        return '{"status": "nobody"}';
    end if;
    -- Never taken from the ticket: what a person may do is read here.
    wanted := wanted - 'user_role' || jsonb_build_object('superuser', person.is_superuser);
    if wanted ->> 'all_orgs' = 'true' and person.is_superuser then
        return jsonb_build_object('status', 'ok', 'claims', wanted - 'org_id');
    end if;
    if exists (select from {schema}.organizations o where o.id = org) and (person.is_superuser or exists (
        select from {schema}.org_members m where m.org_id = org and m.user_id = person.id and m.state = 'active')) then
        return jsonb_build_object('status', 'ok', 'claims', wanted - 'all_orgs');
    end if;
    return jsonb_build_object('status', 'no-console-organization', 'claims', wanted - 'org_id' - 'all_orgs');
end
$$;
revoke all on function private.admit_staff(jsonb) from public;
