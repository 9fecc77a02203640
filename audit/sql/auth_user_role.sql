-- The acting person's role in the claims' organization (owner, admin, member), or NULL.
-- object: function {schema}.auth_user_role()
create or replace function {schema}.auth_user_role() returns text
language plpgsql stable parallel restricted
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
begin
    return claims ->> 'user_role';
end
$$;
revoke all on function {schema}.auth_user_role() from public;
grant execute on function {schema}.auth_user_role()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
