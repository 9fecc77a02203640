-- Begins a preview: one part for each organization of which a chosen finding still has rows.
insert into cleaning_batches (id, org_id, batch_id, made_by, access_rows, planned_rows)
select new_id(), c.org_id, %(batch)s, %(actor)s,
    (select count(*) from user_dso_access a where a.org_id = c.org_id), 0
from (
    select f.org_id from access_findings f
    where f.id = any(%(ids)s) and f.state = 'open' and (
        exists (select from user_dso_access a where a.org_id = f.org_id and a.id = any(f.row_ids))
        or exists (select from org_members m where m.org_id = f.org_id and m.id = f.member_id))
    group by f.org_id
) c
