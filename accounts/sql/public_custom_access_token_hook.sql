-- The face of private.custom_access_token_hook() under the name that Supabase's contract gives it.
-- object: function {schema}.custom_access_token_hook(jsonb)
create or replace function {schema}.custom_access_token_hook(event jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return private.custom_access_token_hook(event);
end
$$;
revoke all on function {schema}.custom_access_token_hook(jsonb) from public;
grant execute on function {schema}.custom_access_token_hook(jsonb) to tenantry_owner, tenantry_service;
