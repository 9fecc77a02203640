-- Removes planned access rows that stand as they stood at the preview.
with went as (
    delete from user_dso_access a using cleaning_rows i
    where i.batch_id = any(%(parts)s) and i.table_name = 'user_dso_access' and i.outcome = 'planned'
        and a.org_id = i.org_id and a.id = i.row_id and to_jsonb(a) = i.data
    returning a.org_id, a.id
)
update cleaning_rows i set outcome = 'removed' from went
where i.batch_id = any(%(parts)s) and i.table_name = 'user_dso_access'
    and i.org_id = went.org_id and i.row_id = went.id
