-- Names the server whose transaction ids the log carries, as well as this login may know it.
-- object: function private.cluster_id()
create or replace function private.cluster_id() returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if has_function_privilege('pg_control_system()', 'EXECUTE') then
        return (select system_identifier::text from pg_control_system());
    end if;
    return 'unknown';
end
$$;
revoke all on function private.cluster_id() from public;
