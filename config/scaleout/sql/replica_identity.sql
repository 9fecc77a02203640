-- move: a replica identity that holds org_id: else the filter cannot tell whose row was changed
select t.name, 'its replica identity does not hold org_id', 'alter table ' || t.name || ' replica identity default'
from pg_temp.scale_tables t
where t.relkind = 'r' and t.relreplident <> 'f' and exists (
        select from pg_catalog.pg_index p where p.indrelid = t.oid and p.indisprimary and t.org_column = any (p.indkey::int2[]))
    and not exists (select from pg_catalog.pg_index i where i.indrelid = t.oid and t.org_column = any (i.indkey::int2[])
        and case t.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end)
