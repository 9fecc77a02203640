-- citus: uniqueness within one organization: a shard knows its own rows only
select t.name || ' index ' || quote_ident(c.relname), 'it is unique over more than one organization', 'let it begin with org_id'
from pg_temp.scale_tables t join pg_catalog.pg_index i on i.indrelid = t.oid and i.indisunique and not i.indisprimary
join pg_catalog.pg_class c on c.oid = i.indexrelid
where not t.org_column = any (i.indkey::int2[])
