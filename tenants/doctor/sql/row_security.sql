-- Finds our tables and partitions without row-level security, or where it does not bind the owner.
select 'error' as level, p.name as object,
    case when not s.relrowsecurity then 'row-level security is off: its policies mean nothing'
        else 'row-level security is not forced: the owner role passes it' end as reason,
    format('alter table %s enable row level security; alter table %1$s force row level security', p.name) as remedy
from {tools}.pairs p
    join pg_catalog.pg_class e on e.oid = p.expected
    join pg_catalog.pg_class s on s.oid = p.standing
where e.relrowsecurity and not (s.relrowsecurity and s.relforcerowsecurity)
