-- Plans the places in workspaces that go with memberships.
insert into cleaning_rows (
    id, org_id, batch_id, table_name, row_id, user_id, email_lower, shown, evidence, finding_ids, data
)
select new_id(), w.org_id, i.batch_id, 'workspace_members', w.id, w.user_id, i.email_lower, 'workspace ' || s.name,
    i.evidence, i.finding_ids, to_jsonb(w)
from cleaning_rows i
join workspace_members w on w.org_id = i.org_id and w.user_id = i.user_id
join workspaces s on s.org_id = w.org_id and s.id = w.workspace_id
where i.batch_id = any(%(parts)s) and i.table_name = 'org_members' and i.outcome = 'planned'
