-- Plans the memberships that would end; owners stay where no active owner would be left beside them.
with leaving as (
    select f.id as finding_id, f.email_lower, f.evidence, b.id as part_id, m.org_id, m.id
    from access_findings f
    join cleaning_batches b on b.org_id = f.org_id and b.batch_id = %(batch)s
    join org_members m on m.org_id = f.org_id and m.id = f.member_id
    where f.id = any(%(ids)s) and f.state = 'open'
)
insert into cleaning_rows (
    id, org_id, batch_id, table_name, row_id, user_id, email_lower, shown, evidence, finding_ids, data, outcome
)
select new_id(), m.org_id, l.part_id, 'org_members', m.id, m.user_id, min(l.email_lower), 'membership, as ' || m.role,
    string_agg(l.evidence, E'\n'), array_agg(l.finding_id), to_jsonb(m),
    case when m.role = 'owner' and m.state = 'active' and not exists (
        select from org_members o where o.org_id = m.org_id and o.role = 'owner' and o.state = 'active'
            and not exists (select from leaving g where g.org_id = o.org_id and g.id = o.id)
    ) then 'kept' else 'planned' end
from leaving l join org_members m on m.org_id = l.org_id and m.id = l.id
group by m.org_id, m.id, l.part_id
