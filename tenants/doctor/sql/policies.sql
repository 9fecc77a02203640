-- Finds policies on our tables that are missing, say something else, or should not be there; permissive ones are ORed.
with expected as (
    select t.name, p.polname, {tools}.policy_text(p.oid, t.name) as text
    from {tools}.pairs t join pg_catalog.pg_policy p on p.polrelid = t.expected where t.standing is not null
), standing as (
    select t.name, p.polname, p.polpermissive, {tools}.policy_text(p.oid, t.name) as text
    from {tools}.pairs t join pg_catalog.pg_policy p on p.polrelid = t.standing
)
select case when e.text is null and not s.polpermissive then 'warning' else 'error' end as level,
    name || ' policy ' || quote_ident(polname) as object,
    case when s.text is null then 'it is missing'
        when e.text is null and s.polpermissive then 'it is not ours, and opens what the others close: ' || s.text
        when e.text is null then 'it is not ours, and hides rows: ' || s.text
        else format('it was changed: it is %s and should be %s', s.text, e.text) end as reason,
    concat_ws('; ', case when s.text is not null then format('drop policy %I on %s', polname, name) end, e.text) as remedy
from expected e full join standing s using (name, polname)
where e.text is distinct from s.text
