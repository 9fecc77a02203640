-- One's own active memberships and those organizations' names: all that a person sees beyond the claims' organization.
-- object: function private.auth_memberships()
create or replace function private.auth_memberships()
returns table (org_id uuid, slug text, name text, role text, joined_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := {schema}.auth_user_id();
begin
    return query
    select m.org_id, o.slug, o.name, m.role, m.joined_at
    from {schema}.org_members m join {schema}.organizations o on o.id = m.org_id
    where m.user_id = person and m.state = 'active' and o.status = 'active'
    order by m.joined_at, m.id;
end
$$;
revoke all on function private.auth_memberships() from public;
grant execute on function private.auth_memberships() to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service;
