-- Lets the seals of one month go and keeps, for each run of positions, the hash on which the rest of the chain stands.
-- object: function private.retire_seals(date)
create or replace function private.retire_seals(month date) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    start timestamptz := month::timestamp at time zone 'UTC';
    stop timestamptz := (month + interval '1 month') at time zone 'UTC';
    gone bigint;
begin
    insert into private.audit_retired (org_id, first_position, last_position, last_hash, month)
    select r.org_id, min(r.position), max(r.position), (array_agg(r.hash order by r.position desc))[1],
        retire_seals.month
    from (select s.org_id, s.position, s.hash,
            s.position - row_number() over (partition by s.org_id order by s.position) as run
        from private.audit_seals s where s.created_at >= start and s.created_at < stop) r
    group by r.org_id, r.run;
    -- Nobody has a policy to delete seals, nor does the trigger let them: retention lifts both for its own transaction.
    alter table private.audit_seals no force row level security;
    alter table private.audit_seals disable trigger refuse_change;
    delete from private.audit_seals s where s.created_at >= start and s.created_at < stop;
    get diagnostics gone = row_count;
    alter table private.audit_seals enable trigger refuse_change;
    alter table private.audit_seals force row level security;
    return gone;
end
$$;
revoke all on function private.retire_seals(date) from public;
