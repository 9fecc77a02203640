-- citus: triggers without transition tables
select t.name || ' trigger ' || quote_ident(g.tgname), 'it has a transition table', 'make it FOR EACH ROW'
from pg_temp.scale_tables t join pg_catalog.pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
where g.tgoldtable is not null or g.tgnewtable is not null
