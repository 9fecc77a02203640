-- The face of private.auth_claims() for clients: who is acting, or NULL for nobody.
-- object: function {schema}.auth_claims()
create or replace function {schema}.auth_claims() returns jsonb
language plpgsql stable parallel restricted
set search_path = pg_catalog, pg_temp
as $$
begin
    return private.auth_claims();
end
$$;
revoke all on function {schema}.auth_claims() from public;
grant execute on function {schema}.auth_claims()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
