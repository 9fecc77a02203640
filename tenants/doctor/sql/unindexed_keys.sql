-- Finds foreign keys of our tables that no index serves: each delete of a row they point to reads the whole table.
select 'warning' as level, p.name || ' foreign key ' || quote_ident(k.conname) as object,
    'no index begins with its columns' as reason,
    format('create index concurrently on %s (%s)', p.name, (
        select string_agg(quote_ident(a.attname), ', ' order by c.place)
        from unnest(k.conkey) with ordinality as c (attnum, place)
            join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.attnum)) as remedy
from {tools}.pairs p join pg_catalog.pg_constraint k on k.conrelid = p.standing and k.contype = 'f'
where not p.relispartition and not exists (
    select from pg_catalog.pg_index x
    where x.indrelid = k.conrelid and x.indisvalid
        and (x.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
)
