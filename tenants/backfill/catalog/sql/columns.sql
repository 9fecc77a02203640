-- The columns of these tables, each with the type that stands behind its domain.
with recursive based as (
    select t.oid, t.oid as base, t.typtype, t.typbasetype from pg_catalog.pg_type t where t.oid in (
        select atttypid from pg_catalog.pg_attribute where attrelid = any(%(oids)s) and attnum > 0 and not attisdropped)
    union all
    select b.oid, t.oid, t.typtype, t.typbasetype from based b join pg_catalog.pg_type t on t.oid = b.typbasetype
    where b.typtype = 'd'
)
select a.attrelid::bigint as oid, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    -- Its schema is wherever its extension was put.
    case y.typname when 'citext' then 'citext' else format_type(y.oid, null) end as base, a.attnotnull as not_null, a.attgenerated <> '' as generated,
    a.attidentity <> '' as identity,
    case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as "default"
from pg_catalog.pg_attribute a
    join based b on b.oid = a.atttypid and b.typtype <> 'd'
    join pg_catalog.pg_type y on y.oid = b.base
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = any(%(oids)s) and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum
