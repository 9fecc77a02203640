-- Logs what is no row change (a sign-in, a switch, a refused access): a name, what it was about, and details.
-- object: function private.log_event(text, uuid, text, text, jsonb)
create or replace function private.log_event(
    action text, org_id uuid default null, table_name text default '', record_id text default '',
    details jsonb default '{}'
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    acting_org uuid := {schema}.auth_org_id();
    surface text := {schema}.auth_surface();
begin
    if action !~ '^[a-z][a-z0-9_.]{2,62}$' then
        raise exception 'an event has a lower-case name such as sign_in, not %', quote_literal(action)
            using errcode = 'check_violation', constraint = 'audit_event_name';
    end if;
    if not private.is_owner_session() and surface is null then
        raise exception 'nobody is acting: enter a scope before you log an event' using errcode = 'insufficient_privilege';
    end if;
    -- A client and staff of one organization can only speak of their own; superusers in all and services name one.
    insert into private.event_door (action, table_name, record_id, org_id, details)
    values (action, table_name, record_id, case
        when surface = 'api' or (surface = 'console' and not {schema}.auth_all_orgs()) then acting_org
        else coalesce(org_id, acting_org) end, details);
end
$$;
revoke all on function private.log_event(text, uuid, text, text, jsonb) from public;
grant execute on function private.log_event(text, uuid, text, text, jsonb)
    to tenantry_owner, tenantry_api, tenantry_staff, tenantry_service, tenantry_batch;
