-- The face of private.auth_memberships() for clients: one's own active memberships.
-- object: function {schema}.auth_memberships()
create or replace function {schema}.auth_memberships()
returns table (org_id uuid, slug text, name text, role text, joined_at timestamptz)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select m.org_id, m.slug, m.name, m.role, m.joined_at from private.auth_memberships() m;
end
$$;
revoke all on function {schema}.auth_memberships() from public;
grant execute on function {schema}.auth_memberships()
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service;
