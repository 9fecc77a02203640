-- Seals the rows of one organization that have no seal, but for those of this transaction: a log that was brought back.
-- Sealing must be locked by the caller; the cursor stays where it is.
-- object: function private.seal_org(uuid)
create or replace function private.seal_org(org uuid) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    r record;
    head private.audit_heads;
    sealed bigint := 0;
    at_time timestamptz := clock_timestamp();
begin
    select * into head from private.audit_heads h where h.org_id = seal_org.org;
    head.org_id := seal_org.org;
    for r in
        select l.created_at, l.id, l.digest from private.log_digests l
        where l.org_id = seal_org.org and l.transaction_id <> pg_current_xact_id()::text::bigint
            and not exists (select from private.audit_seals s
                where s.org_id = l.org_id and s.created_at = l.created_at and s.log_id = l.id)
        order by l.transaction_id, l.created_at, l.id
    loop
        head.position := coalesce(head.position, 0) + 1;
        head.hash := private.link_hash(head.hash, head.org_id, head.position, r.created_at, r.id, r.digest, at_time);
        insert into private.audit_seals (org_id, position, created_at, log_id, digest, hash, sealed_at)
        values (head.org_id, head.position, r.created_at, r.id, r.digest, head.hash, at_time);
        sealed := sealed + 1;
    end loop;
    if sealed > 0 then
        perform private.save_head(head);
    end if;
    return sealed;
end
$$;
revoke all on function private.seal_org(uuid) from public;
