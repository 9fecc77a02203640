-- Decides whether the acting person may see another: themselves, a member of their organization, or anyone as superuser in all.
-- object: function private.sees_person(uuid)
create or replace function private.sees_person(person uuid) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := {schema}.auth_claims();
begin
    return claims is not null and (
        person = private.uuid_or_null(claims ->> 'sub')
        or (claims ->> 'surface' = 'console' and claims ->> 'all_orgs' = 'true')
        or exists (
            select from {schema}.org_members m
            where m.org_id = private.uuid_or_null(claims ->> 'org_id') and m.user_id = person
        ));
end
$$;
revoke all on function private.sees_person(uuid) from public;
grant execute on function private.sees_person(uuid) to tenantry_owner, tenantry_api, tenantry_staff;
