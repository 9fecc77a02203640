-- Who holds which privilege on these tables or on columns of theirs, the owner aside.
with held as (
    select c.oid, c.relowner, a.grantee, a.privilege_type as privilege
    from pg_catalog.pg_class c cross join lateral aclexplode(c.relacl) a
    where c.oid = any(%(oids)s)
    union
    select c.oid, c.relowner, a.grantee, format('%%s (%%I)', a.privilege_type, t.attname)
    from pg_catalog.pg_class c join pg_catalog.pg_attribute t on t.attrelid = c.oid and not t.attisdropped
        cross join lateral aclexplode(t.attacl) a
    where c.oid = any(%(oids)s)
)
select h.oid::bigint as oid, case h.grantee when 0 then 'public' else pg_get_userbyid(h.grantee)::text end as role,
    array_agg(h.privilege order by h.privilege) as privileges
from held h
where h.grantee <> h.relowner
group by h.oid, h.grantee
order by 1, 2
