-- Seals the rows of one range that have no seal yet, each chain in the order of transactions, and moves the heads.
-- object: function private.seal_rows(bigint, timestamptz, uuid, bigint, timestamptz, uuid)
create or replace function private.seal_rows(
    after_transaction bigint, after_time timestamptz, after_id uuid,
    upto_transaction bigint, upto_time timestamptz, upto_id uuid
) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
-- A range of the log is small whatever the planner guesses of a comparison of rows.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    r record;
    head private.audit_heads;
    sealed bigint := 0;
    at_time timestamptz := clock_timestamp();
begin
    for r in
        select l.org_id, l.created_at, l.id, l.digest from private.log_digests l
        where (l.transaction_id, l.created_at, l.id) > (after_transaction, after_time, after_id)
            and (l.transaction_id, l.created_at, l.id) <= (upto_transaction, upto_time, upto_id)
            and not exists (select from private.audit_seals s
                where s.org_id = l.org_id and s.created_at = l.created_at and s.log_id = l.id)
        order by l.org_id, l.transaction_id, l.created_at, l.id
    loop
        if head.org_id is distinct from r.org_id then
            perform private.save_head(head);
            select * into head from private.audit_heads h where h.org_id = r.org_id;
            head.org_id := r.org_id;
        end if;
        head.position := coalesce(head.position, 0) + 1;
        head.hash := private.link_hash(head.hash, r.org_id, head.position, r.created_at, r.id, r.digest, at_time);
        insert into private.audit_seals (org_id, position, created_at, log_id, digest, hash, sealed_at)
        values (r.org_id, head.position, r.created_at, r.id, r.digest, head.hash, at_time);
        sealed := sealed + 1;
    end loop;
    perform private.save_head(head);
    return sealed;
end
$$;
revoke all on function private.seal_rows(bigint, timestamptz, uuid, bigint, timestamptz, uuid) from public;
