-- Plans the access rows that would go, each once, whatever found it; those of owners who stay, stay.
with chosen as materialized (
    select f.org_id, f.id, f.detector, f.email_lower, f.evidence, unnest(f.row_ids) as row_id from access_findings f
    where f.id = any(%(ids)s) and f.state = 'open' and f.id not in (
        select unnest(k.finding_ids) from cleaning_rows k where k.batch_id = any(%(parts)s) and k.outcome = 'kept')
)
insert into cleaning_rows (
    id, org_id, batch_id, table_name, row_id, user_id, email_lower, shown, evidence, finding_ids, data
)
select new_id(), a.org_id, b.id, 'user_dso_access', a.id, a.user_id, min(c.email_lower),
    coalesce(min(d.name), 'a deleted DSO'), string_agg(c.evidence, E'\n' order by c.detector), array_agg(c.id),
    to_jsonb(a)
from chosen c
join user_dso_access a on a.org_id = c.org_id and a.id = c.row_id
join cleaning_batches b on b.org_id = c.org_id and b.batch_id = %(batch)s
left join dsos d on d.org_id = a.org_id and d.id = a.dso_id
where (%(since)s::timestamptz is null or a.granted_at >= %(since)s)
    and (%(until)s::timestamptz is null or a.granted_at < %(until)s)
    and (%(granted_by)s::text is null or a.granted_by in (
        select u.id from users u where u.email_lower = lower(%(granted_by)s)))
group by a.org_id, a.id, b.id
