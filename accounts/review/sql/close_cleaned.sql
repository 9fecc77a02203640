-- Closes the findings of a batch of which no row is left.
with candidate as materialized (
    select f.org_id, f.id, f.member_id, unnest(f.row_ids || f.member_id) as row_id from access_findings f
    where f.state = 'open' and f.id in (
        select unnest(i.finding_ids) from cleaning_rows i
        where i.batch_id = any(%(parts)s) and i.outcome in ('removed', 'gone'))
), alive as (
    select c.id from candidate c join user_dso_access a on a.org_id = c.org_id and a.id = c.row_id
    union
    select c.id from candidate c join org_members m on m.org_id = c.org_id and m.id = c.member_id
)
update access_findings f set state = 'closed', closed_at = %(at)s
from (select org_id, id from candidate where id not in (select id from alive) group by org_id, id) gone
where f.org_id = gone.org_id and f.id = gone.id
