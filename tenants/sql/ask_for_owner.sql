-- Refuses to take an organization out of deletion when nobody owns it any more: in `deleting`, owners may have gone.
-- object: function {schema}.ask_for_owner()
create or replace function {schema}.ask_for_owner() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from {schema}.org_members m where m.org_id = new.id and m.role = 'owner' and m.state = 'active'
    ) then
        raise exception 'an organization keeps at least one active owner'
            using errcode = 'check_violation', constraint = 'org_members_last_owner', table = 'organizations',
                hint = 'Make somebody an owner first, then restore the organization.';
    end if;
    return null;
end
$$;
revoke all on function {schema}.ask_for_owner() from public;
