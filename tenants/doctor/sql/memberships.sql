-- Finds memberships through which one of our roles gets the rights of another.
select 'error' as level, 'role ' || quote_ident(m.rolname) as object,
    format('it is a member of %s, and with it may do what that may', r.rolname) as reason,
    format('revoke %I from %I', r.rolname, m.rolname) as remedy
from pg_catalog.pg_auth_members a
    join pg_catalog.pg_roles m on m.oid = a.member
    join pg_catalog.pg_roles r on r.oid = a.roleid
where m.rolname in ('tenantry_owner', 'tenantry_api', 'tenantry_staff', 'tenantry_service', 'tenantry_batch')
