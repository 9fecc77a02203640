-- Gives the whole chain to walk: its seals, and the runs that stand for retired ones.
-- object: view private.chain_links
create or replace view private.chain_links with (security_invoker = true) as
    select org_id, position, position as first_position, hash, digest, created_at, log_id, sealed_at
        from private.audit_seals
    union all
    select org_id, last_position, first_position, last_hash, null, null, null, retired_at
        from private.audit_retired;
revoke all on private.chain_links from public;
