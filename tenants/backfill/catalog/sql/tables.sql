-- The tables of the named schemas, the tables that their foreign keys point to, and the partitions of both.
with recursive named as (
    select c.oid
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any(%(schemas)s) and c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't'
        and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass
            and d.objid = c.oid and d.objsubid = 0 and d.deptype = 'e')
), known as (
    select oid from named
    union select confrelid from pg_catalog.pg_constraint where contype = 'f' and conrelid in (select oid from named)
    union select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where (n.nspname, c.relname) in (select * from unnest(%(more_schemas)s::text[], %(more_tables)s::text[]))
    union select i.inhrelid from known k join pg_catalog.pg_inherits i on i.inhparent = k.oid
        join pg_catalog.pg_class p on p.oid = k.oid and p.relkind = 'p'
)
select c.oid::bigint as oid, n.nspname as schema, c.relname as name,
    case c.relkind when 'p' then 'partitioned' when 'f' then 'foreign' when 'v' then 'view'
        when 'm' then 'materialized view' else 'table' end as kind,
    case c.relpersistence when 'u' then 'unlogged' when 't' then 'temporary' else 'permanent' end as persistence,
    pg_get_userbyid(c.relowner) as owner, pg_has_role(session_user, c.relowner, 'USAGE') as may_alter,
    has_table_privilege(session_user, c.oid, 'SELECT') as may_read,
    has_schema_privilege(session_user, n.oid, 'CREATE') as may_index, c.reltuples::bigint as rows,
    -- The size on disk asks for a lock that somebody may hold: only for what was never analyzed.
    case when c.relkind <> 'r' then 0 when c.relpages > 0 then c.relpages::bigint * current_setting('block_size')::int
        else pg_relation_size(c.oid) end as bytes,
    c.relrowsecurity as row_security, c.relforcerowsecurity as forced_row_security,
    case when c.relispartition then pn.nspname end as parent_schema,
    case when c.relispartition then p.relname end as parent_name,
    exists (select from pg_catalog.pg_inherits x where (x.inhrelid = c.oid and not c.relispartition)
        or (x.inhparent = c.oid and c.relkind <> 'p')) as inherits,
    c.relnatts::int as slots,
    array(select k.conname::text from pg_catalog.pg_constraint k where k.conrelid = c.oid and not exists (
        select from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attname = 'org_id' and k.conkey = array[a.attnum]) order by 1) as constraints,
    array(select r.rulename::text from pg_catalog.pg_rewrite r
        where r.ev_class = c.oid and r.ev_type = '2' and r.ev_enabled <> 'D' order by 1) as update_rules,
    case c.relreplident when 'n' then false when 'd' then exists (select from pg_catalog.pg_index x
        where x.indrelid = c.oid and x.indisprimary and x.indimmediate) else true end or not exists (
            select from pg_catalog.pg_publication b where b.pubupdate and (b.puballtables or exists (
                select from pg_catalog.pg_publication_rel l where l.prpubid = b.oid
                    and (l.prrelid = c.oid or l.prrelid in (select relid from pg_partition_ancestors(c.oid)))
                union all select from pg_catalog.pg_publication_namespace s
                    where s.pnpubid = b.oid and s.pnnspid = c.relnamespace))) as replicates,
    coalesce(c.reloptions, '{}') as options, coalesce(obj_description(c.oid, 'pg_class'), '') as comment
from known k
    join pg_catalog.pg_class c on c.oid = k.oid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_inherits i on i.inhrelid = c.oid and c.relispartition
    left join pg_catalog.pg_class p on p.oid = i.inhparent
    left join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
order by n.nspname, c.relname
