-- citus: foreign keys that are checked at once
select t.name || ' key ' || quote_ident(k.conname), 'it is deferrable', 'make it not deferrable'
from pg_temp.scale_tables t join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
where k.condeferrable and k.conparentid = 0
