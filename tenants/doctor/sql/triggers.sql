-- Finds triggers on our tables that are missing, switched off, say something else, or came from elsewhere.
with found as (
    select p.name, t.tgrelid = p.expected as wanted, t.tgname, t.tgenabled, {tools}.plain(pg_get_triggerdef(t.oid)) as text
    from {tools}.pairs p join pg_catalog.pg_trigger t on t.tgrelid in (p.expected, p.standing)
    where p.standing is not null and not t.tgisinternal and t.tgparentid = 0
)
select case when e.text is null then 'warning' else 'error' end as level,
    name || ' trigger ' || quote_ident(tgname) as object,
    case when s.text is null then 'it is missing' when e.text is null then 'it is not ours: ' || s.text
        when s.text = e.text then 'it is switched off'
        else format('it was changed: it is %s and should be %s', s.text, e.text) end as reason,
    case when e.text is null then format('drop trigger %I on %s', tgname, name)
        when s.text = e.text then format('alter table %s enable trigger %I', name, tgname)
        else regexp_replace(e.text, '^CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER')
            || case when s.tgenabled in ('D', 'R') then format('; alter table %s enable trigger %I', name, tgname) else '' end
        end as remedy
from (select * from found where wanted) e full join (select * from found where not wanted) s using (name, tgname)
where e.text is distinct from s.text or s.tgenabled in ('D', 'R')
