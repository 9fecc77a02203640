-- Finds org tables without a valid index that begins with org_id: each of their queries would read every organization.
select 'error' as level, p.name as object, 'no valid index begins with org_id' as reason,
    format('create index concurrently on %s (org_id)', p.name) as remedy
from {tools}.pairs p
    join pg_catalog.pg_attribute a on a.attrelid = p.standing and a.attname = 'org_id' and not a.attisdropped
where p.by_org and p.relkind in ('r', 'p') and not exists (
    select from pg_catalog.pg_index x
    where x.indrelid = p.standing and x.indisvalid and x.indpred is null and x.indkey[0] = a.attnum
)
