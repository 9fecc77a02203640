-- Finds tables by month whose partitions are about to run out, that have no DEFAULT, or whose DEFAULT holds rows.
with parts as (
    select p.name, c.oid, pg_get_expr(c.relpartbound, c.oid) as bound
    from {tools}.pairs p
        join pg_catalog.pg_inherits i on i.inhparent = p.standing
        join pg_catalog.pg_class c on c.oid = i.inhrelid
    where p.relkind = 'p'
), covered as (
    select p.name, max(substring(b.bound from 'TO \(''([^'']+)''\)')::timestamptz) as until,
        bool_or(b.bound = 'DEFAULT') is true as with_default
    from {tools}.pairs p left join parts b using (name)
    where p.relkind = 'p' and p.standing is not null
    group by p.name
)
select case when until > now() then 'warning' else 'error' end as level, name as object,
    coalesce(format('its partitions end on %s', until::date), 'it has no partition for any month') as reason,
    'manage.py maintain' as remedy
from covered, {tools}.settings s
where until is null or until < date_trunc('month', now()) + make_interval(months => least(s.months, 1) + 1)
union all
select 'error', name, 'it has no DEFAULT partition: a row of a missing month would be refused', 'manage.py maintain'
from covered where not with_default
union all
select 'warning', b.oid::regclass::text, 'DEFAULT holds rows that belong to a month of their own', 'manage.py maintain'
from parts b where b.bound = 'DEFAULT' and {tools}.count_rows(b.oid::regclass::text) > 0
