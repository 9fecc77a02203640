-- The lowest organization id the console may see: with auth_org_high() a range, which an index can follow.
-- object: function {schema}.auth_org_low()
create or replace function {schema}.auth_org_low() returns uuid
language plpgsql stable parallel restricted
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
begin
    return case when claims ->> 'surface' <> 'console' then null
        when claims ->> 'all_orgs' = 'true' then '00000000-0000-0000-0000-000000000000'
        else (claims ->> 'org_id')::uuid end;
end
$$;
revoke all on function {schema}.auth_org_low() from public;
grant execute on function {schema}.auth_org_low()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
