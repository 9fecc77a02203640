-- Lists tables with an org_id that no guard stands on: on their way to one, or converted and not guarded yet.
select 'info' as level, c.oid::regclass::text as object,
    case when v.phase is null then 'it has an org_id and is not guarded yet'
        else format('conversion %s has brought it as far as %s; it is not guarded yet', v.number, v.phase) end as reason,
    case when v.phase is null then 'manage.py backfill_org_ids'
        else format('manage.py backfill_org_ids %s --plan %s', case v.phase when 'constrain' then 'guard' else 'run' end,
            coalesce(nullif(v.plan_file, ''), 'PLAN')) end as remedy
from pg_catalog.pg_class c
    join {tools}.schemas n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
    left join {tools}.converted v on v.standing = c.oid
where c.relkind in ('r', 'p') and not c.relispartition and v.is_guarded is not true and n.nspname <> 'private'
    and not exists (select from {tools}.pairs p where p.standing = c.oid)
