-- Decides at request time what a person may be in an organization: the membership row, not what a token once said.
-- object: function private.admit_member(jsonb)
create or replace function private.admit_member(wanted jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person uuid := private.uuid_or_null(wanted ->> 'sub');
    held_role text;
begin
    if wanted ? 'api_key_hash' then
        return private.admit_key(wanted);
    end if;
    if not exists (select from {schema}.users u where u.id = person and u.is_active) then
        return '{"status": "nobody"}';
    end if;
    if wanted ->> 'org_id' is null then
        return jsonb_build_object('status', 'ok', 'claims', wanted - 'org_id');
    end if;
    select m.role into held_role
    from {schema}.org_members m join {schema}.organizations o on o.id = m.org_id
    where m.org_id = private.uuid_or_null(wanted ->> 'org_id') and m.user_id = person
        and m.state = 'active' and o.status = 'active';
    if held_role is null then
        return jsonb_build_object('status', 'no-active-organization', 'claims', wanted - 'org_id');
    end if;
    return jsonb_build_object('status', 'ok', 'claims', wanted || jsonb_build_object('user_role', held_role));
end
$$;
revoke all on function private.admit_member(jsonb) from public;
