-- Names what the checks ask about: org tables (with an org_id), and foreign keys of theirs; dropped at the end of the transaction.
create temporary table scale_tables on commit drop as
select c.oid, c.relkind, c.relpersistence, c.relreplident, format('%I.%I', n.nspname, c.relname) as name,
    a.attnum as org_column, a.attnotnull as has_org
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
    and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
    -- The proof of a conversion is about the whole database, and stays where that was.
    and not (n.nspname = 'private' and c.relname ~ '^conversion_people_[0-9]+$');
