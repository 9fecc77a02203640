-- Closes the findings of a batch of which no row is left.
update access_findings f set state = 'closed', closed_at = %(at)s
where f.state = 'open' and f.id in (
        select unnest(i.finding_ids) from cleaning_rows i where i.batch_id = any(%(parts)s) and i.outcome in ('removed', 'gone'))
    and not exists (select from user_dso_access a where a.org_id = f.org_id and a.id = any(f.row_ids))
    and not exists (select from org_members m where m.org_id = f.org_id and m.id = f.member_id)
