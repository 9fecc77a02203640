-- Finds keys, uniques, checks and NOT NULLs of our tables that are missing, changed, or were never validated.
with kept as (
    select p.name, k.conrelid, k.conrelid = p.expected as wanted, k.conname, k.contype, k.convalidated,
        regexp_replace({tools}.plain(pg_get_constraintdef(k.oid)), ' NOT VALID$', '') as text, pg_get_constraintdef(k.oid) as definition
    from {tools}.pairs p join pg_catalog.pg_constraint k on k.conrelid in (p.expected, p.standing)
    where p.standing is not null and not p.relispartition and k.contype in ('p', 'u', 'c', 'x')
)
select 'error' as level, e.name || ' constraint ' || quote_ident(e.conname) as object,
    case when s.conname is null then 'it is missing: ' || e.text when m.same then 'it was never validated'
        else format('it was changed: it is %s and should be %s', s.text, e.text) end as reason,
    case when m.same then format('alter table %s validate constraint %I', e.name, s.conname)
        else concat_ws('; ', case when s.conname is not null then format('alter table %s drop constraint %I', e.name, s.conname)
            end, format('alter table %s add constraint %I %s', e.name, e.conname, e.text)) end as remedy
from (select * from kept where wanted) e
    left join lateral (
        select s.* from kept s where not s.wanted and s.name = e.name and (s.text = e.text or s.conname = e.conname)
        order by s.text = e.text desc, s.convalidated desc limit 1
    ) s on true
    cross join lateral (select case when s.text is not distinct from e.text then true when s.text is null then false
        when e.contype = 'c' then s.text = {tools}.as_restored(e.conrelid, e.definition) else false end as same) m
where not m.same or not s.convalidated
union all
-- From PostgreSQL 18 on, NOT NULL can be promised before the rows that stand were looked at.
select 'error', p.name || ' constraint ' || quote_ident(k.conname), 'it was never validated',
    format('alter table %s validate constraint %I', p.name, k.conname)
from {tools}.pairs p join pg_catalog.pg_constraint k on k.conrelid = p.standing
where k.contype = 'n' and not k.convalidated
