-- Finds foreign keys between org tables that do not hold org_id: a row could point into another organization.
select case when c.oid is null then 'info' else 'error' end as level,
    k.conrelid::regclass || ' foreign key ' || quote_ident(k.conname) as object,
    format('it ties rows of %s and %s without their organization', k.conrelid::regclass, k.confrelid::regclass) as reason,
    case when c.oid is null then 'manage.py backfill_org_ids'
        else format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname) end as remedy
from pg_catalog.pg_constraint k
    join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attname = 'org_id' and not a.attisdropped
    join pg_catalog.pg_attribute t on t.attrelid = k.confrelid and t.attname = 'org_id' and not t.attisdropped
    join pg_catalog.pg_class r on r.oid = k.conrelid
    join {tools}.schemas n on n.oid = r.relnamespace
    left join lateral (select p.standing as oid from {tools}.pairs p where p.standing = k.conrelid) c on true
where k.contype = 'f' and k.conparentid = 0 and not a.attnum = any (k.conkey)
