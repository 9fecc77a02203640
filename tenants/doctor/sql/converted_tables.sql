-- Finds guards of converted tables that lost something, or got what opens them: against what the conversion had left.
with recorded as (
    select c.name as table_name, o.*
    from {tools}.converted c, jsonb_to_recordset(c.guarded -> 'objects')
        as o (relation text, kind text, name text, definition text, make text, unmake text)
    where c.is_guarded and c.standing is not null
), roots as (
    select c.name as table_name, format('%I.%I', n.nspname, r.relname) as relation
    from {tools}.converted c join pg_catalog.pg_class r on r.oid = c.standing
        join pg_catalog.pg_namespace n on n.oid = r.relnamespace
), compared as (
    select table_name, relation, kind, name, r.definition as wanted, s.definition, r.make, coalesce(s.unmake, r.unmake) as
        unmake, s.unmake as undo, r.kind is null as extra, s.kind is null as missing,
        name ~ ' to (public|tenantry_\w+)$' as reaches_us
    from recorded r full join {tools}.guarded s using (table_name, relation, kind, name)
)
select case when not c.extra then 'error' when kind = 'policy' then case when c.definition like '% as permissive %' then 'error'
        else 'warning' end when c.reaches_us then 'error' else 'warning' end as level,
    c.table_name || case when c.relation = r.relation then ' ' else format(' partition %s ', c.relation) end
        || trim(kind || ' ' || case when kind = 'grant' then name else quote_ident(name) end, ' "') as object,
    case when extra and kind = 'policy' and c.definition like '% as permissive %'
            then 'it is not of the guard, and opens what that closes: ' || c.definition
        when extra and kind = 'policy' then 'it is not of the guard, and hides rows: ' || c.definition
        when extra then 'it is not of the guard'
        when missing then 'it is missing'
        else format('it was changed: it is %s and should be %s', c.definition, c.wanted) end as reason,
    case when extra then undo
        when c.definition = c.wanted || ' NOT VALID'
            then format('alter table %s validate constraint %I', c.relation, c.name)
        when missing or unmake is null or kind = 'trigger' then make
        else unmake || '; ' || make end as remedy
from compared c left join roots r using (table_name)
where c.definition is distinct from c.wanted and not (extra and kind not in ('policy', 'grant'))
    -- A partition that came later is looked at as a whole, elsewhere.
    and not (extra and not exists (select from recorded k where k.relation = c.relation))
union all
select 'error', name, 'it was guarded, and is gone', 'manage.py backfill_org_ids status --run ' || number
from {tools}.converted where is_guarded and standing is null
