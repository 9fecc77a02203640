-- Puts removed rows of a table back as they were, column by column; who granted one may be gone since.
with back as (
    insert into {table}
    select r.* from cleaning_rows i
    cross join lateral jsonb_populate_record(null::{table}, i.data || case i.outcome
        when 'granter_gone' then '{"granted_by": null}'::jsonb else '{}' end) r
    where i.batch_id = any(%(parts)s) and i.table_name = '{table}' and i.outcome in ('removed', 'granter_gone')
    on conflict do nothing
    returning org_id, id
)
update cleaning_rows i set outcome = case
    when back.id is null then 'there_again' when i.outcome = 'removed' then 'restored' else i.outcome end
from cleaning_rows k left join back on back.org_id = k.org_id and back.id = k.row_id
where k.batch_id = any(%(parts)s) and k.table_name = '{table}' and k.outcome in ('removed', 'granter_gone')
    and i.org_id = k.org_id and i.id = k.id
