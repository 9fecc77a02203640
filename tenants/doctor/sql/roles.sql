-- Finds roles of ours that are missing, or that may more than a role without a login should.
with wanted (name) as (
    values ('tenantry_owner'), ('tenantry_api'), ('tenantry_staff'), ('tenantry_service'), ('tenantry_batch')
)
select 'error' as level, 'role ' || w.name as object,
    case when r.rolname is null then 'it is missing' else 'it ' || concat_ws(' and ',
        case when rolcanlogin then 'can log in' end, case when rolsuper then 'is a superuser' end,
        case when rolbypassrls then 'passes row-level security' end, case when rolcreaterole then 'makes roles' end,
        case when rolcreatedb then 'makes databases' end, case when rolreplication then 'replicates' end) end as reason,
    case when r.rolname is null then format('create role %I nologin noinherit', w.name)
        else format('alter role %I', w.name) || concat(
        case when rolcanlogin then ' nologin' end, case when rolsuper then ' nosuperuser' end,
        case when rolbypassrls then ' nobypassrls' end, case when rolcreaterole then ' nocreaterole' end,
        case when rolcreatedb then ' nocreatedb' end, case when rolreplication then ' noreplication' end) end as remedy
from wanted w left join pg_catalog.pg_roles r on r.rolname = w.name
where r.rolname is null or rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
