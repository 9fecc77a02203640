-- Access rows granted within a window of time, by a given person, or both: what a mistake or a bug left behind.
select a.org_id, a.user_id, a.id::text,
    format('%%s was granted %%s in %%s at %%s UTC by %%s%%s.', u.email, coalesce(dso.name, 'a deleted DSO'), o.name,
        to_char(a.granted_at, 'YYYY-MM-DD HH24:MI:SS'), coalesce(g.email, 'somebody unknown'),
        case when m.user_id is null then ', and is no member' else '' end),
    array[a.id], '{}'::uuid[], null::uuid
from access a
join users u on u.id = a.user_id
join organizations o on o.id = a.org_id
left join dso on dso.org_id = a.org_id and dso.id = a.dso_id
left join users g on g.id = a.granted_by
left join member m on m.org_id = a.org_id and m.user_id = a.user_id
where (%(since)s::timestamptz is null or a.granted_at >= %(since)s)
    and (%(until)s::timestamptz is null or a.granted_at < %(until)s)
    and (%(granted_by)s::text is null or g.email_lower = lower(%(granted_by)s))
