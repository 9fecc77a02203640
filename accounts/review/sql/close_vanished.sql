-- Closes findings of which no row is there any more; a detector that looks for a window does not see that by itself.
update access_findings f set state = 'closed', closed_at = %(at)s
where f.detector = %(detector)s and f.org_id between %(low)s and %(high)s and f.state <> 'closed'
    and not exists (select from user_dso_access a where a.org_id = f.org_id and a.id = any(f.row_ids))
    and not exists (select from org_members m where m.org_id = f.org_id and m.id = f.member_id)
