-- Finds views and materialized views over our tables that read them with the rights of their owner.
with recursive over as (
    select p.standing as oid, null::oid as through, true as ours
    from {tools}.pairs p where p.standing is not null and p.relkind <> 'v'
    union
    -- An old application's own views are its own affair, as long as our roles cannot read them.
    select c.standing, null, false from {tools}.converted c where c.is_guarded
    union
    select r.ev_class, o.oid, o.ours
    from over o
        join pg_catalog.pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = o.oid
            and d.classid = 'pg_rewrite'::regclass
        join pg_catalog.pg_rewrite r on r.oid = d.objid
    where r.ev_class <> o.oid
), views as (
    select c.oid, c.relkind, c.reloptions, c.oid::regclass as name, bool_or(o.ours) or exists (
        select from {tools}.grants g where g.relid = c.oid and (g.grantee = 0 or pg_get_userbyid(g.grantee) in
            ('tenantry_api', 'tenantry_staff', 'tenantry_service'))) as reached
    from over o join pg_catalog.pg_class c on c.oid = o.oid and c.relkind in ('v', 'm')
        join {tools}.schemas n on n.oid = c.relnamespace
    group by c.oid, c.relkind, c.reloptions
)
select 'error' as level, 'view ' || name as object,
    'it shows every organization to whoever may read it: it reads our tables as its owner' as reason,
    format('alter view %s set (security_invoker = true)', name) as remedy
from views where relkind = 'v' and reached and not coalesce(reloptions && array['security_invoker=true', 'security_invoker=on',
    'security_invoker=yes', 'security_invoker=1'], false)
union all
select 'error', 'materialized view ' || v.name, format('%s may read its copy of every organization''s rows', g.grantees),
    format('revoke all on %s from %s', v.name, g.grantees)
from views v, lateral (
    select string_agg(distinct {tools}.role_name(g.grantee), ', ') as grantees from {tools}.grants g where g.relid = v.oid
) g
where v.relkind = 'm' and v.reached and g.grantees is not null
