-- Says of planned rows that were not removed whether they changed or were gone before.
update cleaning_rows i set outcome = case when exists (
        select from {table} t where t.org_id = i.org_id and t.id = i.row_id) then 'changed' else 'gone' end
where i.batch_id = any(%(parts)s) and i.table_name = '{table}' and i.outcome = 'planned'
