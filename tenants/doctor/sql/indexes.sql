-- Finds indexes of our tables that are missing, say something else, or are invalid (a concurrent build that was cut off).
with found as (
    select p.name, x.indrelid = p.expected as wanted, x.indisvalid, i.relname, i.relkind,
        format('%I.%I', p.schema, i.relname) as full_name, {tools}.plain(pg_get_indexdef(x.indexrelid)) as text,
        regexp_replace({tools}.plain(pg_get_indexdef(x.indexrelid)), ' INDEX .+? ON (ONLY )?', ' INDEX ON ') as nameless
    from {tools}.pairs p
        join pg_catalog.pg_index x on x.indrelid in (p.expected, p.standing)
        join pg_catalog.pg_class i on i.oid = x.indexrelid
    where p.standing is not null and not p.relispartition
        and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.oid and k.contype in ('p', 'u', 'x'))
)
select 'error' as level, e.full_name as object,
    case when n.relname is null then 'this index is missing' else format('this index was changed: it is %s and should be %s',
        n.text, e.text) end as reason,
    concat_ws('; ', case when n.relname is not null then format('drop index %s', e.full_name) end,
        case when e.relkind = 'I' then replace(e.text, ' ON ONLY ', ' ON ')
            else regexp_replace(e.text, ' INDEX ', ' INDEX concurrently ') end) as remedy
from found e left join found n on not n.wanted and n.name = e.name and n.relname = e.relname
where e.wanted and not exists (select from found s where not s.wanted and s.name = e.name and s.nameless = e.nameless)
union all
select 'error', full_name, 'this index is invalid: it costs writes and serves nobody',
    case when relkind = 'I' then format('drop index %s', full_name)
        else format('reindex index concurrently %s', full_name) end
from found where not wanted and not indisvalid
