-- The foreign keys of these tables.
select f.conrelid::bigint as oid, f.conname as name, pg_get_constraintdef(f.oid) as definition,
    n.nspname as to_schema, c.relname as to_name, k.columns, k.to_columns, f.convalidated as validated,
    f.condeferrable as deferrable, f.confdeltype::text as on_delete, f.confupdtype::text as on_update
from pg_catalog.pg_constraint f
    join pg_catalog.pg_class c on c.oid = f.confrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    cross join lateral (
        select array_agg(a.attname::text order by u.place) as columns,
            array_agg(b.attname::text order by u.place) as to_columns
        from unnest(f.conkey, f.confkey) with ordinality u (mine, theirs, place)
            join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = u.mine
            join pg_catalog.pg_attribute b on b.attrelid = f.confrelid and b.attnum = u.theirs
    ) k
where f.contype = 'f' and f.conrelid = any(%(oids)s)
    -- A key to a partitioned table stands once more for each of its partitions.
    and not exists (select from pg_catalog.pg_constraint p where p.oid = f.conparentid and p.conrelid = f.conrelid)
order by f.conrelid, f.conname
