-- Locks sealing for this transaction and says where to go on; on another server than last time, from the beginning.
-- object: function private.open_seal_cursor()
create or replace function private.open_seal_cursor() returns private.audit_seal_cursor
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    place private.audit_seal_cursor;
    never bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
begin
    perform pg_advisory_xact_lock(hashtext('tenantry sealing'));
    insert into private.audit_seal_cursor (cluster) values (private.cluster_id()) on conflict do nothing;
    select * into place from private.audit_seal_cursor;
    if place.cluster <> private.cluster_id() or place.transaction_id >= never then
        update private.audit_seal_cursor set cluster = private.cluster_id(), transaction_id = 0,
            created_at = '-infinity', log_id = '00000000-0000-0000-0000-000000000000', strangers_sealed = false
            returning * into place;
        perform private.log_event('audit.sealing_restarted');
    end if;
    return place;
end
$$;
revoke all on function private.open_seal_cursor() from public;
