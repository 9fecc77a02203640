-- Says whether a superuser is acting in the console, in one organization or in all.
-- object: function {schema}.auth_is_superuser()
create or replace function {schema}.auth_is_superuser() returns boolean
language plpgsql stable parallel restricted
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
begin
    return coalesce(claims ->> 'surface' = 'console' and claims ->> 'superuser' = 'true', false);
end
$$;
revoke all on function {schema}.auth_is_superuser() from public;
grant execute on function {schema}.auth_is_superuser()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
