-- Makes a person a member by an invitation: by its token, only for the address it was sent to, and only while whoever
-- sent it could still give that role. New people (sign-up) and existing ones come through here alike.
-- object: function private.join_invited(uuid, text, text)
create or replace function private.join_invited(person uuid, person_email text, token text) returns uuid
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    found_invitation {schema}.invitations;
    held_state text;
begin
    -- The role alone gives nothing: claims must name the service, unless a trigger or the owner calls.
    if {schema}.auth_surface() is distinct from 'service' and pg_trigger_depth() = 0 and not private.is_owner_session() then
        raise insufficient_privilege using message = 'only a service scope may do this';
    end if;
    update {schema}.invitations i
    set state = 'accepted', accepted_by_id = person, accepted_at = clock_timestamp()
    where i.token_hash = encode(sha256(convert_to(token, 'UTF8')), 'hex') and i.state = 'pending'
        and i.expires_at > clock_timestamp() and i.email_lower = person_email
    returning * into found_invitation;
    -- Locked, so that the organization is not deleted or left ownerless between this question and the new member.
    perform from {schema}.organizations o where o.id = found_invitation.org_id and o.status = 'active' for share;
    if not found then
        raise exception 'this invitation cannot be accepted: it is used, withdrawn, expired or for another address'
            using errcode = 'check_violation', constraint = 'invitations_acceptable', table = 'invitations';
    end if;
    -- Staff invite from the console, where they act as owners: superusers anywhere, others where they are members.
    if not exists (
        select from {schema}.users u left join {schema}.org_members m
            on m.user_id = u.id and m.org_id = found_invitation.org_id and m.state = 'active'
        where u.id = found_invitation.invited_by_id and u.is_active and (
            u.is_superuser or (u.is_staff and m.id is not null) or m.role = 'owner'
            or (m.role = 'admin' and found_invitation.role <> 'owner'))
    ) then
        raise exception 'this invitation cannot be accepted: who sent it may no longer give the role %', found_invitation.role
            using errcode = 'check_violation', constraint = 'invitations_inviter', table = 'invitations',
                hint = 'Ask an admin or owner of the organization to send it again.';
    end if;
    insert into {schema}.org_members (org_id, user_id, role, state, joined_at)
    values (found_invitation.org_id, person, found_invitation.role, 'active', clock_timestamp())
    on conflict (org_id, user_id) do update set state = 'active', role = excluded.role,
        joined_at = coalesce(org_members.joined_at, excluded.joined_at)
    where org_members.state = 'pending';
    select m.state into held_state from {schema}.org_members m
    where m.org_id = found_invitation.org_id and m.user_id = person;
    if held_state is distinct from 'active' then
        raise exception 'this invitation cannot be accepted: the membership was deactivated'
            using errcode = 'check_violation', constraint = 'invitations_acceptable', table = 'invitations',
                hint = 'Ask an admin or owner of the organization to reactivate it.';
    end if;
    return found_invitation.org_id;
end
$$;
revoke all on function private.join_invited(uuid, text, text) from public;
grant execute on function private.join_invited(uuid, text, text) to tenantry_service;
