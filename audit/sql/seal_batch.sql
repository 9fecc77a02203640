-- Seals the next rows of the log that nobody can add to any more: those of transactions older than every running one.
-- Returns how many rows it passed and how many of them it sealed; 0 passed: there is nothing to do now.
-- object: function private.seal_batch(integer)
create or replace function private.seal_batch(size integer, out passed bigint, out sealed bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    place private.audit_seal_cursor := private.open_seal_cursor();
    horizon bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    last record;
begin
    select count(*) over () as seen, l.transaction_id, l.created_at, l.id into last from (
        select transaction_id, created_at, id from {schema}.audit_logs
        where (transaction_id, created_at, id) > (place.transaction_id, place.created_at, place.log_id)
            and transaction_id < horizon
        order by transaction_id, created_at, id limit size
    ) l order by l.transaction_id desc, l.created_at desc, l.id desc limit 1;
    passed := coalesce(last.seen, 0);
    sealed := 0;
    if passed > 0 then
        sealed := private.seal_rows(place.transaction_id, place.created_at, place.log_id,
            last.transaction_id, last.created_at, last.id);
        update private.audit_seal_cursor
            set transaction_id = last.transaction_id, created_at = last.created_at, log_id = last.id;
    elsif not place.strangers_sealed then
        sealed := private.seal_strangers(size);
        passed := sealed;
        update private.audit_seal_cursor set strangers_sealed = true where sealed = 0;
    end if;
end
$$;
revoke all on function private.seal_batch(integer) from public;
