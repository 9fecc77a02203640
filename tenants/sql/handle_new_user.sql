-- Gives every new person who is not staff an organization, a workspace and its ownership, in the inserting transaction.
-- The transaction-local setting tenantry.provision says otherwise: invite:<token>, or (for the owner, and for our own
-- functions that prove it) org:<id>, or (for the owner) none: whoever asks for that places the person.
-- object: function {schema}.handle_new_user()
create or replace function {schema}.handle_new_user() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    wish text := coalesce(current_setting('tenantry.provision', true), '');
    proved boolean := wish like 'org:%' and private.is_owner_session();
begin
    if wish like 'org:%' and not proved then
        -- A statement of its own: the function is younger than this trigger, and looked up only when asked.
        proved := split_part(wish, ':', 3) = private.provision_proof(split_part(wish, ':', 2)::uuid);
    end if;
    if wish like 'invite:%' then
        perform private.join_invited(new.id, new.email_lower, substr(wish, 8));
    elsif proved then
        insert into {schema}.org_members (org_id, user_id, role, state, joined_at)
        values (split_part(wish, ':', 2)::uuid, new.id, 'member', 'active', clock_timestamp());
    elsif wish = 'none' and private.is_owner_session() then
        null;
    elsif wish <> '' then
        raise exception 'tenantry.provision is invite:<token>, or org:<id> for the owner; not %', quote_literal(wish)
            using errcode = 'invalid_parameter_value';
    elsif not new.is_staff then
        perform private.provision_org(
            new.id, split_part(new.email, '@', 1) || '''s organization', private.slug_from_email(new.email));
    end if;
    return null;
end
$$;
revoke all on function {schema}.handle_new_user() from public;
