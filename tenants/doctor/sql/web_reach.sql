-- Finds what is not ours and lets web roles past row-level security: tables without it, views, copies, functions.
with web as (
    select oid, rolname from pg_catalog.pg_roles where rolname in ('tenantry_api', 'tenantry_staff', 'tenantry_service')
), others as (
    select c.oid, c.relkind, c.relowner, c.oid::regclass::text as name, format(case c.relkind
            when 'v' then 'view %s' when 'm' then 'materialized view %s' when 'f' then 'foreign table %s' else 'table %s' end,
            c.oid::regclass) as object,
        case c.relkind when 'v' then 'it reads as its owner' when 'm' then 'it is a copy, without row-level security'
            when 'f' then 'row-level security does not exist for it' else 'row-level security is off' end as why
    from pg_catalog.pg_class c join {tools}.schemas n on n.oid = c.relnamespace
    where (c.relkind in ('m', 'f') or (c.relkind in ('r', 'p') and not c.relrowsecurity) or (c.relkind = 'v'
            and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on',
                'security_invoker=yes', 'security_invoker=1'], false)))
        and not exists (select from {tools}.pairs p where p.standing = c.oid)
        and not exists (select from pg_catalog.pg_depend d
            where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
), reached as (
    -- What everyone may do was so before we came: worth knowing, while a grant to a role of ours was made for it.
    select o.object, o.why, o.name, g.grantee = 0 as by_all, {tools}.role_name(g.grantee) as grantee,
        string_agg(distinct g.privilege, ', ' order by g.privilege) as privileges
    from others o join {tools}.grants g on g.relid = o.oid join pg_catalog.pg_class c on c.oid = o.oid
    where (g.grantee in (select oid from web) or g.grantee = 0)
        and exists (select from web where has_schema_privilege(web.oid, c.relnamespace, 'USAGE'))
    group by o.object, o.why, o.name, g.grantee
)
select case when by_all then 'warning' else 'error' end as level, object,
    format('%s may %s, and %s: organizations are not kept apart there', grantee, privileges, why) as reason,
    format('revoke all on %s from %s', name, grantee) as remedy
from reached
union all
select 'warning', 'function ' || p.oid::regprocedure,
    format('%s may execute it, and it runs as %s: organizations are kept apart only if it does so itself',
        string_agg({tools}.role_name(a.grantee), ', ' order by {tools}.role_name(a.grantee)),
        {tools}.role_name(p.proowner)),
    format('revoke execute on function %s from %s', p.oid::regprocedure,
        string_agg({tools}.role_name(a.grantee), ', ' order by {tools}.role_name(a.grantee)))
from pg_catalog.pg_proc p join {tools}.schemas n on n.oid = p.pronamespace, aclexplode(p.proacl) a
where p.prosecdef and a.grantee in (select oid from web)
    and not exists (select from {tools}.functions f where f.standing = p.oid)
group by p.oid, p.proowner
