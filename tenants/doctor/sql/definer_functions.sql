-- Finds SECURITY DEFINER functions of the whole database with a search_path of the caller's, or open to PUBLIC.
with definers as (
    select p.oid, p.oid::regprocedure::text as name, pg_has_role(p.proowner, o.oid, 'MEMBER') as ours,
        not exists (select from unnest(p.proconfig) c where c like 'search_path=%') as unpinned,
        -- Nobody calls a trigger function.
        p.prorettype <> 'trigger'::regtype and exists (
            select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0) as open
    from pg_catalog.pg_proc p join {tools}.schemas n on n.oid = p.pronamespace
        join pg_catalog.pg_roles o on o.rolname = 'tenantry_owner'
    where p.prosecdef and not exists (select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e')
)
select case when ours then 'error' else 'warning' end as level, 'function ' || name as object,
    'it runs as its owner, ' || concat_ws(' and ', case when unpinned then 'with the search_path of its caller' end,
        case when open then 'for everyone' end) as reason,
    concat_ws('; ', case when unpinned then format('alter function %s set search_path = pg_catalog, pg_temp', name) end,
        case when open then format('revoke execute on function %s from public', name) end) as remedy
from definers where unpinned or open
