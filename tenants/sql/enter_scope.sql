-- Lets a signed ticket in: verifies it, asks the membership row, and puts the claims in force for this transaction only.
-- object: function private.enter_scope(text)
create or replace function private.enter_scope(ticket text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    seal text := split_part(ticket, '.', 1);
    payload text := substr(ticket, length(seal) + 2);
    held_org text := private.auth_claims() ->> 'org_id';
    before jsonb := jsonb_build_object(
        'role', current_setting('role'),
        'claims', coalesce(current_setting('request.jwt.claims', true), ''),
        'signature', coalesce(current_setting('request.jwt.signature', true), ''));
    wanted jsonb;
    admitted jsonb;
    entered text;
begin
    if not private.seal_matches('ticket:' || payload, seal) then
        raise exception 'this scope was not signed with a key of this database'
            using errcode = 'invalid_authorization_specification',
                hint = 'Give this process the TENANTRY_CLAIMS_KEY that `manage.py migrate` was run with.';
    end if;
    wanted := payload::jsonb;
    if (wanted ->> 'exp')::numeric < extract(epoch from clock_timestamp()) then
        raise exception 'the ticket for this scope has expired'
            using errcode = 'invalid_authorization_specification',
                hint = 'Compare the clocks of this process and of the database server.';
    end if;
    wanted := jsonb_strip_nulls(wanted - 'exp');
    -- Every auth_*() casts these; what is no UUID is a mistake of the program and stops here.
    perform (wanted ->> 'org_id')::uuid, (wanted ->> 'sub')::uuid;
    if held_org is not null and wanted ->> 'org_id' is distinct from held_org then
        raise exception 'a scope within an organization cannot change to another one'
            using errcode = 'invalid_authorization_specification';
    end if;
    -- Whoever comes by a token comes with its session, which may have ended since; a statement of its own, because
    -- sessions are younger than this function.
    if wanted ? 'session_id' then
        if not private.session_holds((wanted ->> 'sub')::uuid, private.uuid_or_null(wanted ->> 'session_id')) then
            return jsonb_build_object('status', 'nobody', 'before', before);
        end if;
    end if;
    admitted := case wanted ->> 'surface'
        when 'api' then private.admit_member(wanted)
        when 'console' then private.admit_staff(wanted)
        when 'service' then jsonb_build_object('status', 'ok', 'claims', wanted)
        else '{"status": "nobody"}'
    end;
    if admitted ? 'claims' then
        entered := (admitted -> 'claims')::text;
        perform set_config('request.jwt.claims', entered, true), set_config('request.jwt.signature', private.seal(
            'claims:' || pg_backend_pid() || ':' || extract(epoch from now()) || ':' || entered), true);
    end if;
    return admitted || jsonb_build_object('before', before);
end
$$;
revoke all on function private.enter_scope(text) from public;
grant execute on function private.enter_scope(text)
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
