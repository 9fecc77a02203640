-- citus known: ON DELETE SET NULL by column does not exist there: NO ACTION, and the application sets it first
select t.name || ' key ' || quote_ident(k.conname), 'ON DELETE SET NULL with a list of columns', 'there it is rendered as NO ACTION'
from pg_temp.scale_tables t join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
where k.confdeltype = 'n' and k.confdelsetcols is not null and k.conparentid = 0
