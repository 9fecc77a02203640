-- both: policies that read no other table
select distinct t.name || ' policy ' || quote_ident(p.polname), 'it reads ' || d.refobjid::regclass, 'ask a function for it'
from pg_temp.scale_tables t join pg_catalog.pg_policy p on p.polrelid = t.oid
join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_policy'::regclass and d.objid = p.oid
    and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> t.oid
