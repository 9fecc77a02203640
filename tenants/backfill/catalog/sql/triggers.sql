-- The triggers of these tables, except those by which PostgreSQL keeps foreign keys.
select t.tgrelid::bigint as oid, t.tgname as name, pg_get_triggerdef(t.oid) as definition,
    t.tgenabled::text as enabled, t.tgconstraint <> 0 as "constraint", t.tgtype::int as bits,
    format('%%I.%%I', n.nspname, p.proname) as function, n.nspname as function_schema,
    -- As values in their order; as an argument, whole(new.*), one more column does no harm.
    p.prosrc ~* '(select|values\s*\(|,)\s*\(?(new|old)\)?\.\*' as copies_rows
from pg_catalog.pg_trigger t
    join pg_catalog.pg_proc p on p.oid = t.tgfoid
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where t.tgrelid = any(%(oids)s) and not t.tgisinternal
order by t.tgrelid, t.tgname
