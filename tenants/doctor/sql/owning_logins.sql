-- Lists the other logins that can become the owner role, and with it see and change every organization.
select 'info' as level, 'login ' || quote_ident(l.rolname) as object,
    'it can become tenantry_owner' as reason, format('revoke tenantry_owner from %I', l.rolname) as remedy
from pg_catalog.pg_roles l
where l.rolcanlogin and not l.rolsuper and l.rolname <> session_user and to_regrole('tenantry_owner') is not null
    and pg_has_role(l.oid, to_regrole('tenantry_owner')::oid, 'MEMBER')
