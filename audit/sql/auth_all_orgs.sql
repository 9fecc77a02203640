-- Says whether a superuser has chosen all organizations in the console.
-- object: function {schema}.auth_all_orgs()
create or replace function {schema}.auth_all_orgs() returns boolean
language plpgsql stable parallel restricted
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
begin
    return coalesce(claims ->> 'surface' = 'console' and claims ->> 'all_orgs' = 'true', false);
end
$$;
revoke all on function {schema}.auth_all_orgs() from public;
grant execute on function {schema}.auth_all_orgs()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
