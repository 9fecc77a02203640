-- The organization the claims are for, or NULL: then no row of any organization is seen.
-- The cast cannot fail: whoever puts claims in force (enter_scope, read_plain_claims) lets no malformed id in.
-- object: function {schema}.auth_org_id()
create or replace function {schema}.auth_org_id() returns uuid
language plpgsql stable parallel restricted
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
begin
    return (claims ->> 'org_id')::uuid;
end
$$;
revoke all on function {schema}.auth_org_id() from public;
grant execute on function {schema}.auth_org_id()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
