-- Several access rows of one person for one DSO: the one that lasts longest stays, the others add nothing.
select s.org_id, s.user_id, s.user_id || ' ' || s.dso_id,
    format('%%s holds %%s access rows for %%s in %%s; the one that lasts longest stays.', u.email, cardinality(s.ids),
        coalesce(dso.name, 'a deleted DSO'), o.name),
    s.ids[2:], s.ids[:1], null::uuid
from (
    select org_id, user_id, dso_id, array_agg(id order by expires_at desc nulls first, granted_at, id) as ids
    from access group by org_id, user_id, dso_id having count(*) > 1
) s
join users u on u.id = s.user_id
join organizations o on o.id = s.org_id
left join dso on dso.org_id = s.org_id and dso.id = s.dso_id
