-- The organization the claims are for, or NULL: then no row of any organization is seen.
-- object: function {schema}.auth_org_id()
create or replace function {schema}.auth_org_id() returns uuid
language plpgsql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := {schema}.auth_claims();
begin
    return private.uuid_or_null(claims ->> 'org_id');
end
$$;
revoke all on function {schema}.auth_org_id() from public;
grant execute on function {schema}.auth_org_id()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
