-- Access rows of people who are not in the organization at all.
select a.org_id, a.user_id, a.user_id::text,
    format('%%s holds %%s in %%s without being a member; the last was granted on %%s.', u.email,
        count(*) || case count(*) when 1 then ' access row' else ' access rows' end, o.name, to_char(max(a.granted_at), 'YYYY-MM-DD')),
    array_agg(a.id order by a.id), '{}'::uuid[], null::uuid
from access a
join users u on u.id = a.user_id
join organizations o on o.id = a.org_id
where not exists (select from member m where m.org_id = a.org_id and m.user_id = a.user_id)
group by a.org_id, a.user_id, u.email, o.name
