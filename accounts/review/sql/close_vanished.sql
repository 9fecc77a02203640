-- Closes findings of which no row is there any more; a detector that looks for a window does not see that by itself.
with candidate as materialized (
    select f.org_id, f.id, f.member_id, unnest(f.row_ids || f.member_id) as row_id from access_findings f
    where f.detector = %(detector)s and f.org_id between %(low)s and %(high)s and f.state <> 'closed'
), alive as (
    select c.id from candidate c join user_dso_access a on a.org_id = c.org_id and a.id = c.row_id
    union
    select c.id from candidate c join org_members m on m.org_id = c.org_id and m.id = c.member_id
)
update access_findings f set state = 'closed', closed_at = %(at)s
from (select org_id, id from candidate where id not in (select id from alive) group by org_id, id) gone
where f.org_id = gone.org_id and f.id = gone.id
