-- Makes a new person a member by an invitation: by its token and only for the address it was sent to.
-- object: function private.join_invited(uuid, text, text)
create or replace function private.join_invited(person uuid, person_email text, token text) returns uuid
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    found_invitation {schema}.invitations;
begin
    update {schema}.invitations i
    set state = 'accepted', accepted_by_id = person, accepted_at = clock_timestamp()
    where i.token_hash = encode(sha256(convert_to(token, 'UTF8')), 'hex') and i.state = 'pending'
        and i.expires_at > clock_timestamp() and i.email_lower = person_email
        and exists (select from {schema}.organizations o where o.id = i.org_id and o.status = 'active')
    returning * into found_invitation;
    if not found then
        raise exception 'this invitation cannot be accepted: it is used, withdrawn, expired or for another address'
            using errcode = 'check_violation', constraint = 'invitations_acceptable', table = 'invitations';
    end if;
    insert into {schema}.org_members (org_id, user_id, role, state, joined_at)
    values (found_invitation.org_id, person, found_invitation.role, 'active', clock_timestamp())
    on conflict (org_id, user_id) do update set state = 'active', role = excluded.role,
        joined_at = coalesce(org_members.joined_at, excluded.joined_at)
    where org_members.state <> 'active';
    return found_invitation.org_id;
end
$$;
revoke all on function private.join_invited(uuid, text, text) from public;
grant execute on function private.join_invited(uuid, text, text) to tenantry_service;
