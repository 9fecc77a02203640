-- Finds uniques of org tables without org_id: they tell one organization what another one has.
select 'error' as level, i.oid::regclass::text as object, format('it is unique across organizations on %s', p.name) as reason,
    coalesce((select format('alter table %s drop constraint %I', p.name, k.conname) from pg_catalog.pg_constraint k
        where k.conindid = i.oid and k.contype in ('p', 'u', 'x')), format('drop index %s', i.oid::regclass)) as remedy
from {tools}.pairs p
    join pg_catalog.pg_attribute a on a.attrelid = p.standing and a.attname = 'org_id' and not a.attisdropped
    join pg_catalog.pg_index x on x.indrelid = p.standing and x.indisunique
    join pg_catalog.pg_class i on i.oid = x.indexrelid
where p.by_org and not a.attnum = any (x.indkey::int2[])
