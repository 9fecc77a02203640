-- A place in a workspace needs its membership.
update cleaning_rows i set outcome = 'membership_gone'
where i.batch_id = any(%(parts)s) and i.outcome = 'removed' and i.table_name = 'workspace_members'
    and not exists (select from org_members m where m.org_id = i.org_id and m.user_id = i.user_id)
