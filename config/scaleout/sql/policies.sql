-- citus known: policies with (select …) around a claim: rendered without it there
select t.name || ' policies', 'they ask for claims in a subselect', 'there they are rendered without it'
from pg_temp.scale_tables t join pg_catalog.pg_policy p on p.polrelid = t.oid
where pg_get_expr(p.polqual, p.polrelid) ~* '\( *select ' or pg_get_expr(p.polwithcheck, p.polrelid) ~* '\( *select '
group by t.name
