-- Finds rows that point to nothing or into another organization; only where no validated foreign key forbids them.
with wanted as (
    select p.name, k.conname, t.name as target, regexp_replace({tools}.plain(pg_get_constraintdef(k.oid)), ' NOT VALID$', '')
            as text, p.standing, t.standing as target_oid,
        (select string_agg(format('r.%I = c.%I', b.attname, a.attname), ' and ') from unnest(k.conkey, k.confkey) as u (x, y)
            join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.x
            join pg_catalog.pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.y) as matches,
        (select string_agg(format('c.%I is not null', a.attname), ' and ') from unnest(k.conkey) as u (x)
            join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.x) as given
    from {tools}.pairs p
        join pg_catalog.pg_constraint k on k.conrelid = p.expected and k.contype = 'f'
        join {tools}.pairs t on t.expected = k.confrelid
    where p.by_org and p.standing is not null and t.standing is not null
), open as (
    select w.*, format('%s c where %s and not exists (select from %s r where %s)', w.name, w.given, w.target, w.matches) as query
    from wanted w
    where not exists (select from pg_catalog.pg_constraint s where s.conrelid = w.standing and s.contype = 'f'
        and s.convalidated and pg_get_constraintdef(s.oid) = w.text)
)
select 'error' as level, o.name as object,
    format('%s rows or more point into another organization or to nothing in %s', r.rows, o.target) as reason,
    'select c.* from ' || o.query as remedy
from open o, lateral (select {tools}.count_rows(o.query) as rows) r
where r.rows > 0
