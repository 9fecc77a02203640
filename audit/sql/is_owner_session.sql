-- Says whether this session acts as the owner: only then do job names and provisioning for a given organization count.
-- object: function private.is_owner_session()
create or replace function private.is_owner_session() returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    -- current_user is no use here: inside a definer function it is always the owner.
    select case current_setting('role')
        when 'none' then pg_has_role(session_user, 'tenantry_owner', 'USAGE')
        else pg_has_role(current_setting('role'), 'tenantry_owner', 'USAGE')
    end
$$;
revoke all on function private.is_owner_session() from public;
