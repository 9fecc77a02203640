-- Begins a preview: one part for each organization of which a chosen finding still has rows.
-- Materialized, here and beside: the planner would join by organization first, which compares each with each.
with chosen as materialized (
    select f.org_id, f.member_id, unnest(f.row_ids || f.member_id) as row_id from access_findings f
    where f.id = any(%(ids)s) and f.state = 'open'
)
insert into cleaning_batches (id, org_id, batch_id, made_by, access_rows, planned_rows)
select new_id(), c.org_id, %(batch)s, %(actor)s,
    (select count(*) from user_dso_access a where a.org_id = c.org_id), 0
from (
    select c.org_id from chosen c join user_dso_access a on a.org_id = c.org_id and a.id = c.row_id
    union
    select c.org_id from chosen c join org_members m on m.org_id = c.org_id and m.id = c.member_id
) c
