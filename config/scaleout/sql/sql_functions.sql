-- citus: functions with arguments that reach org tables are in PL/pgSQL: of an SQL one, the planner cannot tell the shard
select 'function ' || p.oid::regprocedure, 'it is in SQL, has arguments and names ' || min(t.name), 'write it in PL/pgSQL'
from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang and l.lanname = 'sql'
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_temp.scale_tables t on replace(p.prosrc, '"', '')
    ~ ('\m(from|join|into|update)\s+(only\s+)?' || replace(replace(t.name, '"', ''), '.', '\.') || '\M')
where p.pronargs > 0 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
group by p.oid
