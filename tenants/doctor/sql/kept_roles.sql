-- Lists roles of an old application that a guard lets through, to every organization's rows, until cutover.
select distinct 'warning' as level, format('%s kept role %I', c.name, k.role) as object,
    'it sees the rows of every organization, as before the guard' as reason,
    format('manage.py backfill_org_ids cutover --plan %s, when its application sets claims',
        coalesce(nullif(c.plan_file, ''), 'PLAN')) as remedy
from {tools}.converted c
    cross join jsonb_array_elements_text(c.guarded -> 'keep') as k (role)
    join pg_catalog.pg_policy p on p.polrelid = c.standing and p.polname !~ '^tenantry_'
        and to_regrole(quote_ident(k.role))::oid = any (p.polroles)
where c.phase = 'guard' and c.is_guarded
