-- Valid access rows for every DSO of an organization that has several, of people who neither own nor administer it.
select a.org_id, a.user_id, a.user_id::text,
    format('%%s sees all %%s DSOs of %%s, and is %%s.', u.email, d.there, o.name,
        case when m.role is null then 'no member' when m.state <> 'active' then m.state || ' there'
        else 'neither admin nor owner' end),
    array_agg(a.id order by a.id), '{}'::uuid[], null::uuid
from access a
join dso on dso.org_id = a.org_id and dso.id = a.dso_id
join (select org_id, count(*) as there from dso group by org_id having count(*) > 1) d on d.org_id = a.org_id
join users u on u.id = a.user_id
join organizations o on o.id = a.org_id
left join member m on m.org_id = a.org_id and m.user_id = a.user_id
where (a.expires_at is null or a.expires_at > %(at)s)
    and (m.role is null or m.role = 'member' or m.state <> 'active')
group by a.org_id, a.user_id, u.email, o.name, d.there, m.role, m.state
having count(distinct a.dso_id) = d.there
