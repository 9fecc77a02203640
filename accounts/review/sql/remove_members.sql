-- Ends planned memberships that stand as they stood, with the same places in workspaces, which the database removes.
with went as (
    delete from org_members m using cleaning_rows i
    where i.batch_id = any(%(parts)s) and i.table_name = 'org_members' and i.outcome = 'planned'
        and m.org_id = i.org_id and m.id = i.row_id and to_jsonb(m) = i.data
        and not exists (
            select from workspace_members w where w.org_id = m.org_id and w.user_id = m.user_id and not exists (
                select from cleaning_rows k where k.org_id = i.org_id and k.batch_id = i.batch_id
                    and k.table_name = 'workspace_members' and k.row_id = w.id and k.data = to_jsonb(w)))
    returning m.org_id, m.user_id
)
update cleaning_rows i set outcome = 'removed' from went
where i.batch_id = any(%(parts)s) and i.outcome = 'planned' and i.table_name in ('org_members', 'workspace_members')
    and i.org_id = went.org_id and i.user_id = went.user_id
