-- The organization a person's next token is for: the one chosen, else the earliest active membership.
-- object: function private.active_org_of(uuid)
create or replace function private.active_org_of(person uuid) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select m.org_id
        from {schema}.org_members m
            join {schema}.organizations o on o.id = m.org_id and o.status = 'active'
            join {schema}.users u on u.id = m.user_id
        where m.user_id = person and m.state = 'active'
        -- A choice that went stale (membership ended, organization suspended) is not among the rows, so the next one wins.
        order by (m.org_id = u.active_org_id) is true desc, m.joined_at, m.id
        limit 1
    );
end
$$;
revoke all on function private.active_org_of(uuid) from public;
