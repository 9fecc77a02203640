-- Finds foreign keys of our tables that are missing, say something else, or were never validated.
with keys as (
    select p.name, k.conrelid = p.expected as wanted, k.conname, k.convalidated,
        regexp_replace({tools}.plain(pg_get_constraintdef(k.oid)), ' NOT VALID$', '') as text
    from {tools}.pairs p join pg_catalog.pg_constraint k on k.conrelid in (p.expected, p.standing)
    where p.standing is not null and k.contype = 'f'
)
select 'error' as level, e.name || ' foreign key ' || quote_ident(e.conname) as object,
    case when s.conname is null then 'it is missing' when s.text = e.text then 'it was never validated'
        else format('it was changed: it is %s and should be %s', s.text, e.text) end as reason,
    case when s.text = e.text then '' else concat_ws('; ',
        case when s.conname is not null then format('alter table %s drop constraint %I', e.name, s.conname) end,
        format('alter table %s add constraint %I %s not valid', e.name, e.conname, e.text), '') end
    || format('alter table %s validate constraint %I', e.name, case when s.text = e.text then s.conname else e.conname end)
        as remedy
from (select * from keys where wanted) e
    left join lateral (
        select s.* from keys s where not s.wanted and s.name = e.name and (s.text = e.text or s.conname = e.conname)
        order by s.text = e.text desc, s.convalidated desc limit 1
    ) s on true
where s.text is distinct from e.text or not s.convalidated
