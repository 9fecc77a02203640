-- Lists tables with an org_id that no guard stands on: converted, but not guarded yet.
select 'info' as level, c.oid::regclass::text as object, 'it has an org_id and is not guarded yet' as reason,
    'manage.py backfill_org_ids' as remedy
from pg_catalog.pg_class c
    join {tools}.schemas n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
where c.relkind in ('r', 'p') and not c.relispartition
    and not exists (select from {tools}.pairs p where p.standing = c.oid)
