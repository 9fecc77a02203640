-- Finds columns of our tables that are missing, or have another type, default or nullability than the model says.
with columns as (
    select p.name, p.expected, a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull,
        a.attgenerated, {tools}.plain(pg_get_expr(d.adbin, d.adrelid)) as value
    from {tools}.pairs p
        join pg_catalog.pg_attribute a on a.attrelid in (p.expected, p.standing)
        left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where p.standing is not null and p.relkind <> 'v' and not p.relispartition and a.attnum > 0 and not a.attisdropped
), compared as (
    select coalesce(e.name, s.name) as name, coalesce(e.attname, s.attname) as attname, e.type as wanted, s.type,
        e.attnotnull as wanted_notnull, s.attnotnull, e.value as wanted_value, s.value,
        coalesce(e.attgenerated, '') <> '' as generated
    from (select * from columns where attrelid = expected) e
        full join (select * from columns where attrelid <> expected) s using (name, attname)
)
select case when wanted is null then 'info' else 'error' end as level, name || ' column ' || quote_ident(attname) as object,
    case when type is null then 'it is missing' when wanted is null then 'no model knows it'
        when type <> wanted then format('its type is %s, not %s', type, wanted)
        when attnotnull and not wanted_notnull then 'it is NOT NULL, and should not be'
        when wanted_notnull and not attnotnull then 'it may be NULL, and should not'
        else format('its default is %s, not %s', coalesce(value, 'none'), coalesce(wanted_value, 'none')) end as reason,
    case when wanted is null then 'add it to the model, or drop it by a migration'
        when type is null then format('alter table %s add column %I %s%s%s', name, attname, wanted,
            case when generated then format(' generated always as (%s) stored', wanted_value)
                else coalesce(' default ' || wanted_value, '') end,
            case when wanted_notnull then ' not null' else '' end)
        when type <> wanted then format('alter table %s alter column %I type %s', name, attname, wanted)
        when attnotnull and not wanted_notnull then format('alter table %s alter column %I drop not null', name, attname)
        when wanted_notnull and not attnotnull then format('alter table %s alter column %I set not null', name, attname)
        when wanted_value is null then format('alter table %s alter column %I drop default', name, attname)
        else format('alter table %s alter column %I set default %s', name, attname, wanted_value) end as remedy
from compared
where (wanted, wanted_notnull, wanted_value) is distinct from (type, attnotnull, value)
    -- Django's own migrations made some keys wider than its models say.
    and (wanted, type, wanted_notnull, attnotnull) is distinct from ('integer', 'bigint', true, true)
