-- Finds views and materialized views over our tables that read them with the rights of their owner.
with recursive over as (
    select p.standing as oid, null::oid as through from {tools}.pairs p where p.standing is not null and p.relkind <> 'v'
    union
    select r.ev_class, o.oid
    from over o
        join pg_catalog.pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = o.oid
            and d.classid = 'pg_rewrite'::regclass
        join pg_catalog.pg_rewrite r on r.oid = d.objid
    where r.ev_class <> o.oid
), views as (
    select distinct c.oid, c.relkind, c.reloptions, c.oid::regclass as name
    from over o join pg_catalog.pg_class c on c.oid = o.oid and c.relkind in ('v', 'm')
        join {tools}.schemas n on n.oid = c.relnamespace
)
select 'error' as level, 'view ' || name as object,
    'it shows every organization to whoever may read it: it reads our tables as its owner' as reason,
    format('alter view %s set (security_invoker = true)', name) as remedy
from views where relkind = 'v' and not coalesce(reloptions && array['security_invoker=true', 'security_invoker=on',
    'security_invoker=yes', 'security_invoker=1'], false)
union all
select 'error', 'materialized view ' || v.name, format('%s may read its copy of every organization''s rows', g.grantees),
    format('revoke all on %s from %s', v.name, g.grantees)
from views v, lateral (
    select string_agg(distinct {tools}.role_name(g.grantee), ', ') as grantees from {tools}.grants g where g.relid = v.oid
) g
where v.relkind = 'm' and g.grantees is not null
