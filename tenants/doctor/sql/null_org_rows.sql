-- Finds rows of org tables without an organization; only where a column may be NULL at all.
select 'error' as level, p.name as object, format('%s rows or more have no org_id', r.rows) as reason,
    format('select * from %s where org_id is null', p.name) as remedy
from {tools}.pairs p
    join pg_catalog.pg_attribute a on a.attrelid = p.standing and a.attname = 'org_id' and (
        not a.attnotnull or exists (select from pg_catalog.pg_constraint k where k.conrelid = p.standing
            and k.contype = 'n' and k.conkey = array[a.attnum] and not k.convalidated)),
    lateral (select {tools}.count_rows(p.name || ' where org_id is null') as rows) r
where p.by_org and p.relkind in ('r', 'p') and r.rows > 0
