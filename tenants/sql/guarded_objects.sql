-- Lists what stands on a table and its partitions of what a guard is made of, with the SQL that makes and unmakes it.
-- What a conversion's guard left is kept in this form; the doctor compares it with what stands later.
-- object: function private.guarded_objects(oid)
create or replace function private.guarded_objects(target oid)
returns table (relation text, kind text, name text, definition text, make text, unmake text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
with recursive tree (oid) as (
    select target
    union all
    select i.inhrelid from tree t join pg_inherits i on i.inhparent = t.oid
        join pg_class c on c.oid = i.inhrelid and c.relispartition
), relations as (
    select c.oid, c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity, c.relispartition,
        format('%I.%I', n.nspname, c.relname) as rel
    from tree t join pg_class c on c.oid = t.oid join pg_namespace n on n.oid = c.relnamespace
), policies as (
    select r.rel, p.polname, format('create policy %I on %s as %s for %s to %s', p.polname, r.rel,
            case when p.polpermissive then 'permissive' else 'restrictive' end,
            case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
                else 'all' end,
            (select string_agg(g.name, ', ' order by g.name) from (select case when m = 0 then 'public'
                else quote_ident(pg_get_userbyid(m)) end as name from unnest(p.polroles) m) g))
        || coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
        || coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '') as text
    from relations r join pg_policy p on p.polrelid = r.oid
), grants as (
    select r.rel, g.grantee, lower(g.privilege_type) || coalesce(' (' || quote_ident(g.attname) || ')', '') as what,
        g.is_grantable, case when g.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end as role
    from relations r, lateral (
        select a.grantee, a.privilege_type, a.is_grantable, null::name as attname from aclexplode(r.relacl) a
        union all
        select a.grantee, a.privilege_type, a.is_grantable, t.attname
        from pg_attribute t, aclexplode(t.attacl) a where t.attrelid = r.oid and not t.attisdropped
    ) g
    where g.grantee <> r.relowner
)
select rel, 'row security', '', case when relrowsecurity and relforcerowsecurity then 'on and forced'
        when relrowsecurity then 'on, but it does not bind the owner' else 'off' end,
    format('alter table %s enable row level security; alter table %1$s force row level security', rel), null
from relations
union all
select rel, 'policy', polname, text, text, format('drop policy %I on %s', polname, rel) from policies
union all
select rel, 'grant', format('%s to %s', what, role), case when bool_or(is_grantable) then 'with grant option' else '' end,
    format('grant %s on %s to %s', what, rel, role) || case when bool_or(is_grantable) then ' with grant option' else '' end,
    format('revoke %s on %s from %s', what, rel, role)
from grants group by rel, what, role
union all
select r.rel, 'trigger', t.tgname, pg_get_triggerdef(t.oid) || case when t.tgenabled in ('D', 'R') then ' (switched off)'
        else '' end,
    regexp_replace(pg_get_triggerdef(t.oid), '^CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER')
        || format('; alter table %s enable trigger %I', r.rel, t.tgname),
    format('drop trigger %I on %s', t.tgname, r.rel)
from relations r join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal and t.tgparentid = 0
    join pg_proc f on f.oid = t.tgfoid join pg_namespace n on n.oid = f.pronamespace
where n.nspname in ('private', (select s.nspname from pg_proc p join pg_namespace s on s.oid = p.pronamespace
    where p.oid = '{schema}.keep_org_id()'::regprocedure))
union all
select r.rel, 'foreign key', k.conname, pg_get_constraintdef(k.oid),
    format('alter table %s add constraint %I %s', r.rel, k.conname, pg_get_constraintdef(k.oid)),
    format('alter table %s drop constraint %I', r.rel, k.conname)
from relations r join pg_constraint k on k.conrelid = r.oid and k.contype = 'f' and k.conparentid = 0
    join pg_attribute a on a.attrelid = r.oid and a.attname = 'org_id' and a.attnum = any (k.conkey)
union all
select r.rel, 'not null', 'org_id', case when not a.attnotnull then 'may be null' when exists (
        select from pg_constraint k where k.conrelid = r.oid and k.contype = 'n' and k.conkey = array[a.attnum]
            and not k.convalidated) then 'promised, never validated' else 'not null' end,
    format('alter table %s alter column org_id set not null', r.rel), null
from relations r join pg_attribute a on a.attrelid = r.oid and a.attname = 'org_id' and not a.attisdropped
union all
select r.rel, 'index', i.relname, pg_get_indexdef(x.indexrelid) || case when x.indisvalid then '' else ' (invalid)' end,
    case when i.relkind = 'I' then replace(pg_get_indexdef(x.indexrelid), ' ON ONLY ', ' ON ')
        else regexp_replace(pg_get_indexdef(x.indexrelid), ' INDEX ', ' INDEX concurrently ') end,
    format('drop index %s', x.indexrelid::regclass)
from relations r join pg_index x on x.indrelid = r.oid join pg_class i on i.oid = x.indexrelid
    join pg_attribute a on a.attrelid = r.oid and a.attname = 'org_id' and a.attnum = x.indkey[0]
$$;
revoke all on function private.guarded_objects(oid) from public;
