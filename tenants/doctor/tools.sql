-- What the checks share: pairs of what should stand and what stands, and texts that can be compared.
drop schema if exists {tools} cascade;
create schema {tools};

-- Gives a text of the expected side the names of the standing one.
create function {tools}.plain(given text) returns text language sql stable as $$
    select replace(replace(replace(given, '"tenantry_doctor"', '"' || s.schema || '"'),
        'tenantry_doctor_private', 'private'), 'tenantry_doctor.', quote_ident(s.schema) || '.')
    from {tools}.settings s
$$;

-- How a CHECK reads after a dump and a restore: PostgreSQL parses its own text, and BETWEEN becomes flat on the way.
create function {tools}.as_restored(target oid, definition text) returns text language plpgsql as $$
declare
    restored text;
begin
    execute format('alter table %s add constraint tenantry_restored %s', target::regclass, definition);
    select pg_get_constraintdef(k.oid) into restored
    from pg_catalog.pg_constraint k where k.conrelid = target and k.conname = 'tenantry_restored';
    execute format('alter table %s drop constraint tenantry_restored', target::regclass);
    return {tools}.plain(restored);
end
$$;

create table {tools}.pairs as
    select x.oid as expected, s.oid as standing, format('%I.%I', n.home, x.relname) as name, n.home as schema,
        x.relname, x.relkind, x.relispartition, exists (select from pg_catalog.pg_attribute a
            where a.attrelid = x.oid and a.attname = 'org_id' and not a.attisdropped) as by_org
    from (values ('tenantry_doctor', (select schema from {tools}.settings)), ('tenantry_doctor_private', 'private'))
            as n (scratch, home)
        join pg_catalog.pg_namespace xn on xn.nspname = n.scratch
        join pg_catalog.pg_class x on x.relnamespace = xn.oid and x.relkind in ('r', 'p', 'v')
        left join pg_catalog.pg_namespace sn on sn.nspname = n.home
        left join pg_catalog.pg_class s on s.relnamespace = sn.oid and s.relname = x.relname
            and s.relkind in ('r', 'p', 'v', 'm', 'f');
create unique index on {tools}.pairs (expected);
create index on {tools}.pairs (standing);
analyze {tools}.pairs;

create table {tools}.functions as
    select x.oid as expected, s.oid as standing, format('%I.%I(%s)', n.home, x.proname,
        {tools}.plain(oidvectortypes(x.proargtypes))) as name
    from (values ('tenantry_doctor', (select schema from {tools}.settings)), ('tenantry_doctor_private', 'private'))
            as n (scratch, home)
        join pg_catalog.pg_namespace xn on xn.nspname = n.scratch
        join pg_catalog.pg_proc x on x.pronamespace = xn.oid
        left join pg_catalog.pg_namespace sn on sn.nspname = n.home
        left join pg_catalog.pg_proc s on s.pronamespace = sn.oid and s.proname = x.proname
            and oidvectortypes(s.proargtypes) = {tools}.plain(oidvectortypes(x.proargtypes));

-- Everything else in the database, but for PostgreSQL's own, extensions' and the doctor's.
create view {tools}.schemas as
    select n.oid, n.nspname from pg_catalog.pg_namespace n
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname !~ '^tenantry_doctor';

create function {tools}.role_name(role oid) returns text language sql stable as $$
    select case when role = 0 then 'public' else quote_ident(pg_get_userbyid(role)) end
$$;

create function {tools}.policy_text(policy oid, target text) returns text language sql stable as $$
    select format('create policy %I on %s as %s for %s to %s', p.polname, target,
            case when p.polpermissive then 'permissive' else 'restrictive' end,
            case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
                else 'all' end,
            (select string_agg({tools}.role_name(r), ', ' order by {tools}.role_name(r)) from unnest(p.polroles) r))
        || coalesce(' using (' || {tools}.plain(pg_get_expr(p.polqual, p.polrelid)) || ')', '')
        || coalesce(' with check (' || {tools}.plain(pg_get_expr(p.polwithcheck, p.polrelid)) || ')', '')
    from pg_catalog.pg_policy p where p.oid = policy
$$;

-- Grants to others than the owner; `what` is a privilege as GRANT wants it, with its column if it has one.
create table {tools}.grants as
    select c.oid as relid, lower(a.privilege_type) as privilege, null::name as attname, a.grantee, a.is_grantable
    from pg_catalog.pg_class c, aclexplode(c.relacl) a
    where a.grantee <> c.relowner and c.relnamespace <> 'pg_catalog'::regnamespace
    union all
    select c.oid, lower(a.privilege_type), t.attname, a.grantee, a.is_grantable
    from pg_catalog.pg_class c join pg_catalog.pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
    where a.grantee <> c.relowner and c.relnamespace <> 'pg_catalog'::regnamespace and not t.attisdropped;
create index on {tools}.grants (relid);

-- How many rows a query finds, up to a thousand: the data checks ask whether there are any, not how many.
create function {tools}.count_rows(query text) returns bigint language plpgsql stable as $$
declare
    found bigint;
begin
    execute format('select count(*) from (select 1 from %s limit 1000) found', query) into found;
    return found;
exception when undefined_table or undefined_column then
    -- Another check tells what is missing.
    return 0;
end
$$;

-- Tables that conversions have brought here, with what each guard left; `standing` is null for one that is gone.
create function {tools}.read_converted() returns table (
    name text, standing oid, number int, phase text, guarded jsonb, plan_file text
) language plpgsql stable as $$
begin
    return query execute format(
        'select distinct on (t.name) t.name, coalesce(to_regclass(t.name)::oid,'
        ' (select c.oid from pg_catalog.pg_class c where c.oid = t.oid::oid)), v.number::int, t.phase, t.guarded, v.plan_file'
        ' from %1$I.conversion_tables t join %1$I.conversions v on v.id = t.conversion_id'
        ' where v.state <> ''undone'' and t.phase <> ''start'' order by t.name, v.number desc',
        (select s.schema from {tools}.settings s));
exception when undefined_table or undefined_column or invalid_schema_name then
    return;
end
$$;
create table {tools}.converted as
    select c.*, c.phase in ('guard', 'cutover', 'release') and c.guarded is not null as is_guarded from {tools}.read_converted() c;

create function {tools}.read_guarded() returns table (
    table_name text, relation text, kind text, name text, definition text, make text, unmake text
) language plpgsql stable as $$
begin
    return query select c.name, o.* from {tools}.converted c, private.guarded_objects(c.standing) o
        where c.is_guarded and c.standing is not null;
exception when undefined_function or invalid_schema_name then
    return;
end
$$;
create table {tools}.guarded as select * from {tools}.read_guarded();
