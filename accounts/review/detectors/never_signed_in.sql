-- Active members of long standing who have never signed in, with the access rows they hold.
select m.org_id, m.user_id, m.user_id::text,
    format('%%s has been %%s of %%s since %%s and has never signed in.', u.email,
        case m.role when 'member' then 'a member' else 'an ' || m.role end, o.name,
        to_char(m.joined_at, 'YYYY-MM-DD')),
    coalesce(held.ids, '{}'), '{}'::uuid[], m.id
from member m
join users u on u.id = m.user_id
join organizations o on o.id = m.org_id
left join (select org_id, user_id, array_agg(id order by id) as ids from access group by org_id, user_id) held
    on held.org_id = m.org_id and held.user_id = m.user_id
where m.state = 'active' and u.is_active and u.last_login is null
    and m.joined_at < %(at)s::timestamptz - %(patience)s::interval
    and not exists (select from user_sessions s where s.user_id = m.user_id)
