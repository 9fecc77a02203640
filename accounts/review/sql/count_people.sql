-- What happens to each person of a batch: rows that go, rows that stay, and whether the membership ends.
select o.name, i.email_lower, count(*) filter (where i.table_name = 'user_dso_access'),
    count(*) filter (where i.table_name = 'user_dso_access' and i.outcome in ('planned', 'changed')),
    (select count(*) from user_dso_access a where a.org_id = i.org_id and a.user_id = i.user_id),
    coalesce(bool_or(i.table_name = 'org_members' and i.outcome <> 'kept'), false), i.org_id, i.user_id
from cleaning_rows i join organizations o on o.id = i.org_id
where i.batch_id = any(%(parts)s)
group by o.name, i.org_id, i.user_id, i.email_lower
order by o.name, i.email_lower, i.org_id, i.user_id
limit %(limit)s offset %(offset)s
