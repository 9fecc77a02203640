-- Carries an event from the door view into the log.
-- object: function private.pass_event()
create or replace function private.pass_event() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform private.write_log(new.action, new.table_name, new.record_id, new.org_id, null, new.details);
    return new;
end
$$;
revoke all on function private.pass_event() from public;
