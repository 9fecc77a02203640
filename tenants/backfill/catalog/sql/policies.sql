-- The row security policies of these tables, each as the statement that makes it again.
select p.polrelid::bigint as oid, p.polname as name, p.polpermissive as permissive, r.names as roles, w.command,
    format('create policy %%I on %%I.%%I as %%s for %%s to %%s', p.polname, n.nspname, c.relname,
        case when p.polpermissive then 'permissive' else 'restrictive' end, w.command, r.quoted)
        || coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
        || coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '') as definition
from pg_catalog.pg_policy p
    join pg_catalog.pg_class c on c.oid = p.polrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    cross join lateral (
        select case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
            when 'd' then 'delete' else 'all' end as command
    ) w
    cross join lateral (
        select array_agg(case u.role when 0 then 'public' else pg_get_userbyid(u.role)::text end) as names,
            string_agg(case u.role when 0 then 'public' else quote_ident(pg_get_userbyid(u.role)) end, ', ') as quoted
        from unnest(p.polroles) u (role)
    ) r
where p.polrelid = any(%(oids)s)
order by p.polrelid, p.polname
