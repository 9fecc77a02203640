-- The part of the program that entered the scope (api, console, service), or NULL.
-- object: function {schema}.auth_surface()
create or replace function {schema}.auth_surface() returns text
language plpgsql stable parallel restricted
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
begin
    return claims ->> 'surface';
end
$$;
revoke all on function {schema}.auth_surface() from public;
grant execute on function {schema}.auth_surface()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
