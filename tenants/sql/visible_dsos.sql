-- Lists the DSOs that the acting person holds an unexpired access row for, in the claims' organization.
-- One array per query and not one answer per row: an index can follow it, and the claims are verified once.
-- object: function private.visible_dsos()
create or replace function private.visible_dsos() returns uuid[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
begin
    return array(
        select a.dso_id from {schema}.user_dso_access a
        where a.user_id = private.uuid_or_null(claims ->> 'sub')
            and a.org_id = private.uuid_or_null(claims ->> 'org_id')
            and (a.expires_at is null or a.expires_at > now()));
end
$$;
revoke all on function private.visible_dsos() from public;
grant execute on function private.visible_dsos() to tenantry_owner, tenantry_api;
