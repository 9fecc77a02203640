-- Says of removed rows what stands in the way of their return, for they would point to nothing.
update cleaning_rows i set outcome = case
    when not exists (select from users u where u.id = i.user_id) then 'person_gone'
    when i.table_name = 'user_dso_access' and not exists (
        select from dsos d where d.org_id = i.org_id and d.id = (i.data ->> 'dso_id')::uuid) then 'dso_gone'
    when i.table_name = 'workspace_members' and not exists (
        select from workspaces w where w.org_id = i.org_id and w.id = (i.data ->> 'workspace_id')::uuid)
        then 'workspace_gone'
    when i.data ->> 'granted_by' is not null and not exists (
        select from users u where u.id = (i.data ->> 'granted_by')::uuid) then 'granter_gone'
    else i.outcome end
where i.batch_id = any(%(parts)s) and i.outcome = 'removed'
