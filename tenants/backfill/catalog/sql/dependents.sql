-- Views and materialized views that read these tables, also through other views.
with recursive readers as (
    select d.refobjid as oid, r.ev_class as reader
    from pg_catalog.pg_depend d join pg_catalog.pg_rewrite r on r.oid = d.objid
    where d.classid = 'pg_catalog.pg_rewrite'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
        and d.refobjid = any(%(oids)s) and r.ev_class <> d.refobjid
    union
    select v.oid, r.ev_class
    from readers v
        join pg_catalog.pg_depend d on d.refobjid = v.reader and d.refclassid = 'pg_catalog.pg_class'::regclass
            and d.classid = 'pg_catalog.pg_rewrite'::regclass
        join pg_catalog.pg_rewrite r on r.oid = d.objid and r.ev_class <> d.refobjid
)
select v.oid::bigint as oid, n.nspname as schema, c.relname as name
from readers v
    join pg_catalog.pg_class c on c.oid = v.reader and c.relkind in ('v', 'm')
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
order by v.oid, n.nspname, c.relname
