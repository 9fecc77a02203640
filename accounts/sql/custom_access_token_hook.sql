-- Computes the claims of every access token at its issue: the primary organization, the role held there, app_metadata.
-- The contract is Supabase's: {"user_id", "claims", "authentication_method"} becomes {"claims"} or {"error"}.
-- object: function private.custom_access_token_hook(jsonb)
create or replace function private.custom_access_token_hook(event jsonb) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    claims jsonb := event -> 'claims';
    person uuid := private.uuid_or_null(event ->> 'user_id');
    org uuid;
    held_role text;
begin
    -- The role alone gives nothing: claims must name the service, unless the owner calls.
    if {schema}.auth_surface() is distinct from 'service' and not private.is_owner_session() then
        raise insufficient_privilege using message = 'only a service scope may do this';
    end if;
    if person is null or jsonb_typeof(claims) is distinct from 'object' then
        return '{"error": {"http_code": 400, "message": "The event names no person, or holds no claims."}}';
    end if;
    if not exists (select from {schema}.users u where u.id = person and u.is_active) then
        return '{"error": {"http_code": 401, "message": "This account cannot sign in."}}';
    end if;
    org := private.active_org_of(person);
    select m.role into held_role from {schema}.org_members m where m.org_id = org and m.user_id = person;
    return jsonb_build_object('claims', claims || jsonb_build_object(
        'org_id', org,
        'user_role', held_role,
        'app_metadata', case when jsonb_typeof(claims -> 'app_metadata') = 'object' then claims -> 'app_metadata'
            else '{}' end || jsonb_build_object('org_id', org)));
end
$$;
revoke all on function private.custom_access_token_hook(jsonb) from public;
grant execute on function private.custom_access_token_hook(jsonb) to tenantry_owner, tenantry_service;
