-- Erases the log of an organization that is gone, with its seals, and notes on the tombstone where its chain ended.
-- object: function private.erase_log()
create or replace function private.erase_log() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Under the nil UUID is what belongs to no organization, tombstones among it.
    if new.org_id = '00000000-0000-0000-0000-000000000000'
        or exists (select from {schema}.organizations o where o.id = new.org_id) then
        raise exception 'the log of an organization that stands is not erased: manage.py erase_org'
            using errcode = 'insufficient_privilege';
    end if;
    perform pg_advisory_xact_lock(hashtext('tenantry sealing'));
    select h.position, h.hash into new.last_position, new.last_hash
        from private.audit_heads h where h.org_id = new.org_id;
    new.last_position := coalesce(new.last_position, 0);
    -- The owner's policy lets a trigger do this, and nothing else.
    delete from {schema}.audit_logs l where l.org_id = new.org_id;
    get diagnostics new.log_rows = row_count;
    delete from private.audit_heads h where h.org_id = new.org_id;
    -- Nobody has a policy to delete seals, nor do the triggers let them: both are lifted for this transaction, as in retention.
    alter table private.audit_seals no force row level security;
    alter table private.audit_seals disable trigger refuse_change;
    alter table private.audit_retired no force row level security;
    alter table private.audit_retired disable trigger refuse_change;
    delete from private.audit_seals s where s.org_id = new.org_id;
    delete from private.audit_retired s where s.org_id = new.org_id;
    alter table private.audit_retired enable trigger refuse_change;
    alter table private.audit_retired force row level security;
    alter table private.audit_seals enable trigger refuse_change;
    alter table private.audit_seals force row level security;
    return new;
end
$$;
revoke all on function private.erase_log() from public;
