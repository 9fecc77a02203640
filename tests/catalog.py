"""What the catalog says, as plain values that two databases or two tables can be compared by."""

from typing import Any

OURS = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
SNAPSHOT = {
    "schemas": f"select n.nspname, pg_get_userbyid(n.nspowner) from pg_namespace n where {OURS}",
    "relations": "select n.nspname, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text,"
    " obj_description(c.oid, 'pg_class')"
    f" from pg_class c join pg_namespace n on n.oid = c.relnamespace where {OURS} and c.relkind <> 'S'",
    "columns": "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl::text,"
    " pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)"
    " from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace"
    " left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum"
    f" where {OURS} and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v')",
    "indexes": "select c.relname, i.relname, pg_get_indexdef(x.indexrelid), x.indisvalid from pg_index x"
    " join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid"
    f" join pg_namespace n on n.oid = c.relnamespace where {OURS}",
    "constraints": "select c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated from pg_constraint k"
    " join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace"
    f" where {OURS} and k.contype <> 'n'",
    "policies": "select schemaname, tablename, policyname, permissive, roles::text, cmd, qual, with_check"
    " from pg_policies",
    "triggers": "select c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text from pg_trigger t"
    " join pg_class c on c.oid = t.tgrelid where not t.tgisinternal",
    "functions": "select n.nspname, p.oid::regprocedure::text, p.prosrc, p.proacl::text, p.proconfig::text"
    f" from pg_proc p join pg_namespace n on n.oid = p.pronamespace where {OURS}",
}


def take_snapshot(session: Any) -> dict[str, set[tuple[Any, ...]]]:
    """Everything in a database that a migration could leave behind."""
    return {kind: set(session.execute(query).fetchall()) for kind, query in SNAPSHOT.items()}


TABLE = {
    "security": "select relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) from pg_class"
    " where oid = to_regclass(%(table)s)",
    "columns": "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute"
    " where attrelid = to_regclass(%(table)s) and attnum > 0 and not attisdropped",
    "constraints": "select contype::text, case when contype <> 'p' then conname end,"
    " pg_get_constraintdef(oid), convalidated from pg_constraint"
    " where conrelid = to_regclass(%(table)s) and contype <> 'n'",
    "indexes": "select regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON') from pg_indexes"
    " where tablename = %(table)s",
    "policies": "select policyname, roles::text, cmd, qual, with_check from pg_policies where tablename = %(table)s",
    "grants": "select grantee, privilege_type from information_schema.role_table_grants"
    " where table_name = %(table)s and grantee <> 'tenantry_owner'",
    "triggers": "select tgname, pg_get_triggerdef(oid) from pg_trigger"
    " where tgrelid = to_regclass(%(table)s) and not tgisinternal",
}


def describe_table(session: Any, table: str) -> dict[str, set[tuple[Any, ...]]]:
    """One table with everything that stands on it; keys and indexes without their names, which a rename keeps."""
    return {kind: set(session.execute(query, {"table": table}).fetchall()) for kind, query in TABLE.items()}
