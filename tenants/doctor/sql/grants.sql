-- Finds grants on our tables beyond what the rules say, and grants that the rules want and that are missing.
with found as (
    select p.name, g.relid = p.expected as wanted, g.privilege || coalesce(' (' || quote_ident(g.attname) || ')', '') as what,
        {tools}.role_name(g.grantee) as grantee, g.is_grantable, g.grantee = 0 or pg_get_userbyid(g.grantee) like 'tenantry\_%'
            or g.privilege in ('truncate', 'trigger', 'references', 'maintain') as dangerous
    from {tools}.pairs p join {tools}.grants g on g.relid in (p.expected, p.standing)
    -- The rules name no role but ours: others that the expected side has come from ALTER DEFAULT PRIVILEGES.
    where p.standing is not null and (g.relid = p.standing or g.grantee = 0 or pg_get_userbyid(g.grantee) in
        ('tenantry_api', 'tenantry_staff', 'tenantry_service', 'tenantry_batch'))
)
select case when e.what is null and not s.dangerous then 'warning' else 'error' end as level, name as object,
    case when s.what is null then format('%s may not %s, and should', grantee, what)
        when e.what is null then format('%s may %s, and should not', grantee, what)
        else format('%s may pass on the right to %s', grantee, what) end as reason,
    case when s.what is null then format('grant %s on %s to %s', what, name, grantee)
        when e.what is null then format('revoke %s on %s from %s', what, name, grantee)
        else format('revoke grant option for %s on %s from %s', what, name, grantee) end as remedy
from (select * from found where wanted) e full join (select * from found where not wanted) s using (name, what, grantee)
where e.what is null or s.what is null or s.is_grantable
