-- Finds logins of web processes that could do more than their roles: as superuser, owner, or by inheriting them.
with web as (
    select l.oid, l.rolname, l.rolsuper, l.rolbypassrls, l.rolcreaterole, l.rolinherit,
        not l.rolsuper and pg_has_role(l.oid, to_regrole('tenantry_owner')::oid, 'MEMBER') as owner,
        array(select r.rolname from pg_catalog.pg_roles r
            where r.rolname in ('tenantry_api', 'tenantry_staff', 'tenantry_service')
                and not l.rolsuper and pg_has_role(l.oid, r.oid, 'USAGE')) as inherited,
        exists (select from pg_catalog.pg_db_role_setting s, unnest(s.setconfig) c
            where s.setrole = l.oid and c ~ '^role=tenantry_(api|staff|service)$') as starts_as_web
    from pg_catalog.pg_roles l
    where l.rolcanlogin and l.rolname <> session_user and to_regrole('tenantry_owner') is not null and exists (
        select from pg_catalog.pg_roles r where r.rolname in ('tenantry_api', 'tenantry_staff', 'tenantry_service')
            and (case when l.rolsuper then exists (select from pg_catalog.pg_auth_members a
                where a.member = l.oid and a.roleid = r.oid) else pg_has_role(l.oid, r.oid, 'MEMBER') end))
), judged as (
    -- A second owning login holds the same roles as this one; it is no web login unless it begins as one.
    select * from web where starts_as_web or not owner
)
select 'error' as level, 'login ' || quote_ident(rolname) as object,
    'a web process uses it, and it ' || concat_ws(' and ', case when rolsuper then 'is a superuser' end,
        case when rolbypassrls then 'passes row-level security' end, case when rolcreaterole then 'makes roles' end,
        case when owner then 'can become tenantry_owner' end,
        case when cardinality(inherited) > 0 then 'inherits ' || array_to_string(inherited, ', ') end) as reason,
    concat_ws('; ',
        case when rolsuper or rolbypassrls or rolcreaterole then format('alter role %I', rolname) || concat(
            case when rolsuper then ' nosuperuser' end, case when rolbypassrls then ' nobypassrls' end,
            case when rolcreaterole then ' nocreaterole' end) end,
        case when owner then format('revoke tenantry_owner from %I', rolname) end,
        case when cardinality(inherited) > 0 and current_setting('server_version_num')::int < 160000
            then format('alter role %I noinherit', rolname) end,
        (select string_agg(format('grant %I to %I with inherit false', r, rolname), '; ') from unnest(inherited) r
            where current_setting('server_version_num')::int >= 160000)) as remedy
from judged
where rolsuper or rolbypassrls or rolcreaterole or owner or cardinality(inherited) > 0
