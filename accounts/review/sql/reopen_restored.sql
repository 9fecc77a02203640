-- Opens the findings of rows that are back.
update access_findings f set state = 'open', closed_at = null
where f.state = 'closed' and f.id in (
    select unnest(i.finding_ids) from cleaning_rows i
    where i.batch_id = any(%(parts)s) and i.outcome in ('restored', 'granter_gone'))
