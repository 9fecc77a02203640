-- Lists whom the acting person may see: themselves, and the members of the claims' organization.
-- One array per query and not one answer per row: an index can follow it, and the claims are verified once.
-- object: function private.visible_people()
create or replace function private.visible_people() returns uuid[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
begin
    return array_append(
        array(select m.user_id from {schema}.org_members m where m.org_id = private.uuid_or_null(claims ->> 'org_id')),
        private.uuid_or_null(claims ->> 'sub'));
end
$$;
revoke all on function private.visible_people() from public;
grant execute on function private.visible_people() to tenantry_owner, tenantry_api, tenantry_staff;
