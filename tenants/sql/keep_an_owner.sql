-- Keeps an active owner in every organization that is not being deleted: against raw SQL, and against two at once.
-- object: function {schema}.keep_an_owner()
create or replace function {schema}.keep_an_owner() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    org_status text;
begin
    -- Updating the row, not only locking it: at REPEATABLE READ a lock that was waited for shows the old members,
    -- while an updated row is a serialization failure. The update changes nothing, so the log has nothing to say.
    update {schema}.organizations o set status = o.status where o.id = old.org_id returning o.status into org_status;
    if org_status is null or org_status = 'deleting' then
        return null;
    end if;
    if not exists (
        select from {schema}.org_members m
        where m.org_id = old.org_id and m.role = 'owner' and m.state = 'active'
    ) then
        raise exception 'an organization keeps at least one active owner'
            using errcode = 'check_violation', constraint = 'org_members_last_owner', table = 'org_members',
                hint = 'Make somebody else an owner first, or delete the organization.';
    end if;
    return null;
end
$$;
revoke all on function {schema}.keep_an_owner() from public;
