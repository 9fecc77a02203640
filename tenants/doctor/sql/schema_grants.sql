-- Finds schemas of ours that anyone else may create in, that everyone may look into, or that our roles may not.
with home as (
    select n.nspname, n.nspowner, a.grantee, a.privilege_type
    from pg_catalog.pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
    where n.nspname in ('private', (select schema from {tools}.settings)) and a.grantee <> n.nspowner
)
select 'error' as level, 'schema ' || quote_ident(nspname) as object,
    format('%s has %s on it', {tools}.role_name(grantee), privilege_type) as reason,
    format('revoke %s on schema %I from %s', lower(privilege_type), nspname, {tools}.role_name(grantee)) as remedy
from home
where (privilege_type = 'CREATE' and (grantee = 0 or pg_get_userbyid(grantee) in
        ('tenantry_api', 'tenantry_staff', 'tenantry_service', 'tenantry_batch')))
    or (nspname = 'private' and (grantee = 0 or pg_get_userbyid(grantee) !~ '^tenantry_'))
union all
select 'error', 'schema ' || quote_ident(n.nspname), format('%s may not look into it', r.rolname),
    format('grant usage on schema %I to %I', n.nspname, r.rolname)
from pg_catalog.pg_namespace n, pg_catalog.pg_roles r
where n.nspname in ('private', (select schema from {tools}.settings))
    and r.rolname in ('tenantry_api', 'tenantry_staff', 'tenantry_service', 'tenantry_batch')
    and not has_schema_privilege(r.oid, n.oid, 'USAGE')
