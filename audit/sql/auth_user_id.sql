-- The person who is acting, or NULL.
-- object: function {schema}.auth_user_id()
create or replace function {schema}.auth_user_id() returns uuid
language plpgsql stable parallel restricted
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := private.auth_claims();
begin
    return (claims ->> 'sub')::uuid;
end
$$;
revoke all on function {schema}.auth_user_id() from public;
grant execute on function {schema}.auth_user_id()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
