-- both: a primary key that holds org_id: rows are placed, filtered and told apart by it
select t.name, case when i.indexrelid is null then 'it has no primary key' else 'its primary key does not hold org_id' end,
    'make (org_id, …) the primary key: docs/add-an-org-table.md does for a table of ours'
from pg_temp.scale_tables t left join pg_catalog.pg_index i on i.indrelid = t.oid and i.indisprimary
where i.indexrelid is null or not t.org_column = any (i.indkey::int2[])
