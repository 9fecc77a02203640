-- Relations that are called as an index over org_id will be, and are none.
select n.nspname as schema, c.relname as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where (n.nspname, c.relname) in (select * from unnest(%(schemas)s::text[], %(names)s::text[]))
    and not exists (select from pg_catalog.pg_index i join pg_catalog.pg_attribute a
        on a.attrelid = i.indrelid and a.attnum = i.indkey[0] and a.attname = 'org_id' where i.indexrelid = c.oid)
