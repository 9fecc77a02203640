-- Finds foreign keys between org tables that do not hold org_id: a row could point into another organization.
select case when c.oid is null and not coalesce(v.is_guarded, false) then 'info' else 'error' end as level,
    k.conrelid::regclass || ' foreign key ' || quote_ident(k.conname) as object,
    format('it ties rows of %s and %s without their organization', k.conrelid::regclass, k.confrelid::regclass) as reason,
    case when c.oid is null then 'manage.py backfill_org_ids guard --plan PLAN'
        else format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname) end as remedy
from pg_catalog.pg_constraint k
    join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attname = 'org_id' and not a.attisdropped
    join pg_catalog.pg_attribute t on t.attrelid = k.confrelid and t.attname = 'org_id' and not t.attisdropped
    join pg_catalog.pg_class r on r.oid = k.conrelid
    join {tools}.schemas n on n.oid = r.relnamespace
    left join lateral (select p.standing as oid from {tools}.pairs p where p.standing = k.conrelid) c on true
    left join {tools}.converted v on v.standing = k.conrelid
where k.contype = 'f' and k.conparentid = 0 and not a.attnum = any (k.conkey)
    -- On a converted table one that says what another with org_id cannot say may stand beside it.
    and (c.oid is not null or not exists (select from pg_catalog.pg_constraint o where o.contype = 'f' and o.conrelid = k.conrelid
        and o.confrelid = k.confrelid and o.conkey @> (k.conkey || a.attnum) and o.convalidated))
