-- Access rows of people who are disabled, or whose membership is inactive.
select a.org_id, a.user_id, a.user_id::text,
    format('%%s holds %%s in %%s, but %%s.', u.email, count(*) || case count(*) when 1 then ' access row' else ' access rows' end, o.name,
        case when not u.is_active then 'the account is disabled' else 'the membership is inactive' end),
    array_agg(a.id order by a.id), '{}'::uuid[], null::uuid
from access a
join users u on u.id = a.user_id
join organizations o on o.id = a.org_id
left join member m on m.org_id = a.org_id and m.user_id = a.user_id
where not u.is_active or m.state = 'inactive'
group by a.org_id, a.user_id, u.email, u.is_active, o.name
