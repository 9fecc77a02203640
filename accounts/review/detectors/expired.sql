-- Access rows whose time is over.
select a.org_id, a.user_id, a.user_id::text,
    format('%%s holds %%s in %%s whose time is over, the last since %%s.', u.email,
        count(*) || case count(*) when 1 then ' access row' else ' access rows' end, o.name, to_char(max(a.expires_at), 'YYYY-MM-DD')),
    array_agg(a.id order by a.id), '{}'::uuid[], null::uuid
from access a
join users u on u.id = a.user_id
join organizations o on o.id = a.org_id
where a.expires_at <= %(at)s
group by a.org_id, a.user_id, u.email, o.name
