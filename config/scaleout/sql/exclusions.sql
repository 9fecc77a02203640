-- citus: no exclusion constraint over more than one organization
select t.name || ' constraint ' || quote_ident(k.conname), 'it excludes rows of other organizations', 'let it hold org_id with ='
from pg_temp.scale_tables t join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'x'
where not t.org_column = any (k.conkey)
