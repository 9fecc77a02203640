-- move: keys that are the same everywhere: a sequence counts on in each cluster, and is not replicated
select t.name || '.' || quote_ident(a.attname), 'a sequence numbers it: two clusters would give the same number twice',
    'a uuid, or a range of numbers for each cluster (alter sequence … increment by)'
from pg_temp.scale_tables t join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
left join pg_catalog.pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
where a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%'
