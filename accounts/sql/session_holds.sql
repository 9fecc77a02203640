-- Says whether a person may still use a session: neither ended nor run out, and the person not disabled.
-- object: function private.session_holds(uuid, uuid)
create or replace function private.session_holds(person uuid, session uuid) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from {schema}.user_sessions s join {schema}.users u on u.id = s.user_id and u.is_active
        where s.id = session and s.user_id = person and s.ended_at is null and s.expires_at > now())
$$;
revoke all on function private.session_holds(uuid, uuid) from public;
