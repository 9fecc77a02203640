-- Plans the access rows that would go, each once, whatever found it; those of owners who stay, stay.
insert into cleaning_rows (
    id, org_id, batch_id, table_name, row_id, user_id, email_lower, shown, evidence, finding_ids, data
)
select new_id(), a.org_id, b.id, 'user_dso_access', a.id, a.user_id, min(f.email_lower),
    coalesce(min(d.name), 'a deleted DSO'), string_agg(f.evidence, E'\n' order by f.detector), array_agg(f.id),
    to_jsonb(a)
from access_findings f
cross join lateral unnest(f.row_ids) as r (id)
join user_dso_access a on a.org_id = f.org_id and a.id = r.id
join cleaning_batches b on b.org_id = f.org_id and b.batch_id = %(batch)s
left join dsos d on d.org_id = a.org_id and d.id = a.dso_id
left join users g on g.id = a.granted_by
where f.id = any(%(ids)s) and f.state = 'open'
    and (%(since)s::timestamptz is null or a.granted_at >= %(since)s)
    and (%(until)s::timestamptz is null or a.granted_at < %(until)s)
    and (%(granted_by)s::text is null or g.email_lower = lower(%(granted_by)s))
    and not exists (
        select from cleaning_rows k
        where k.org_id = b.org_id and k.batch_id = b.id and k.outcome = 'kept' and k.finding_ids @> array[f.id])
group by a.org_id, a.id, b.id
