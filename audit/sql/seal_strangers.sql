-- Seals rows whose transaction ids this server has not reached yet: they came with a dump, and are final as they stand.
-- object: function private.seal_strangers(integer)
create or replace function private.seal_strangers(size integer) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    never bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    last record;
begin
    select l.transaction_id, l.created_at, l.id into last from (
        select transaction_id, created_at, id from {schema}.audit_logs g
        where g.transaction_id >= never and not exists (select from private.audit_seals s
            where s.org_id = g.org_id and s.created_at = g.created_at and s.log_id = g.id)
        order by transaction_id, created_at, id limit size
    ) l order by l.transaction_id desc, l.created_at desc, l.id desc limit 1;
    if last.id is null then
        return 0;
    end if;
    return private.seal_rows(never - 1, 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff',
        last.transaction_id, last.created_at, last.id);
end
$$;
revoke all on function private.seal_strangers(integer) from public;
