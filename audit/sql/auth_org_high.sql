-- The highest organization id the console may see: its one organization, or the end for all of them.
-- object: function {schema}.auth_org_high()
create or replace function {schema}.auth_org_high() returns uuid
language plpgsql stable parallel restricted
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
begin
    return case when claims ->> 'surface' <> 'console' then null
        when claims ->> 'all_orgs' = 'true' then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
        else (claims ->> 'org_id')::uuid end;
end
$$;
revoke all on function {schema}.auth_org_high() from public;
grant execute on function {schema}.auth_org_high()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
