-- The indexes of these tables; `is_key` for those that make every row different from every other.
select i.indrelid::bigint as oid, c.relname as name, pg_get_indexdef(i.indexrelid) as definition, k.columns,
    i.indisvalid and i.indisready as valid, i.indisunique as unique, i.indisprimary as primary, k.not_null,
    i.indimmediate as immediate,
    i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null as is_key
from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    cross join lateral (
        -- An expression is no column: it stands here as an empty name.
        select array_agg(coalesce(a.attname, '')::text order by u.place) as columns,
            bool_and(coalesce(a.attnotnull, false)) as not_null
        from unnest(i.indkey::int2[]) with ordinality u (attnum, place)
            left join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.attnum
        where u.place <= i.indnkeyatts
    ) k
where i.indrelid = any(%(oids)s)
order by i.indrelid, not i.indisprimary, i.indnkeyatts, i.indexrelid
