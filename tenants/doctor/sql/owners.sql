-- Finds tables, functions and schemas of ours that belong to another role than the owner role.
select 'error' as level, p.name as object, format('it belongs to %s', {tools}.role_name(c.relowner)) as reason,
    format('alter table %s owner to tenantry_owner', p.name) as remedy
from {tools}.pairs p join pg_catalog.pg_class c on c.oid = p.standing
where pg_get_userbyid(c.relowner) <> 'tenantry_owner'
union all
select 'error', f.name, format('it belongs to %s', {tools}.role_name(p.proowner)),
    format('alter function %s owner to tenantry_owner', f.name)
from {tools}.functions f join pg_catalog.pg_proc p on p.oid = f.standing
where pg_get_userbyid(p.proowner) <> 'tenantry_owner'
union all
select 'error', 'schema private', format('it belongs to %s', {tools}.role_name(n.nspowner)),
    'alter schema private owner to tenantry_owner'
from pg_catalog.pg_namespace n where n.nspname = 'private' and pg_get_userbyid(n.nspowner) <> 'tenantry_owner'
