-- Finds ALTER DEFAULT PRIVILEGES that would open tables and functions of the owner role as soon as they are made.
select 'warning' as level, 'default privileges of tenantry_owner' as object,
    format('%s gets %s on every new %s%s', {tools}.role_name(a.grantee), lower(a.privilege_type), k.kind,
        ' in ' || n.nspname) as reason,
    format('alter default privileges for role tenantry_owner%s revoke %s on %ss from %s',
        ' in schema ' || quote_ident(n.nspname), lower(a.privilege_type), k.kind, {tools}.role_name(a.grantee)) as remedy
from pg_catalog.pg_default_acl d
    join (values ('r'::"char", 'table'), ('S', 'sequence'), ('f', 'function'), ('T', 'type'), ('n', 'schema'))
        as k (type, kind) on k.type = d.defaclobjtype
    left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace,
    aclexplode(d.defaclacl) a
where pg_get_userbyid(d.defaclrole) = 'tenantry_owner' and a.grantee <> d.defaclrole
    -- PostgreSQL's own: everyone may execute a new function and use a new type.
    and not (a.grantee = 0 and d.defaclobjtype in ('f', 'T') and d.defaclnamespace = 0)
