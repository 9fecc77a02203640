-- Finds functions of ours that others may execute than their files say.
with found as (
    select f.name, p.oid = f.expected as wanted, {tools}.role_name(a.grantee) as grantee
    from {tools}.functions f
        join pg_catalog.pg_proc p on p.oid in (f.expected, f.standing),
        aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    where f.standing is not null and a.grantee <> p.proowner
        and (p.oid = f.standing or a.grantee = 0 or pg_get_userbyid(a.grantee) ~ '^tenantry_')
        -- Each partition copies its parent's triggers, and PostgreSQL asks who makes one whether they may call them.
        and not exists (select from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
            where t.tgfoid = p.oid and c.relkind = 'p' and c.relowner = a.grantee)
)
select 'error' as level, 'function ' || name as object,
    format(case when s.name is null then '%s may not execute it, and should' else '%s may execute it, and should not' end,
        grantee) as reason,
    format(case when s.name is null then 'grant execute on function %s to %s' else 'revoke execute on function %s from %s' end,
        name, grantee) as remedy
from (select * from found where wanted) e full join (select * from found where not wanted) s using (name, grantee)
where e.wanted is null or s.wanted is null
