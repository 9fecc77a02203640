"""One thing less, or one thing weaker: every way to spoil a policy, grant, constraint or trigger that stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from postgres.roles import API, BATCH, SERVICE, STAFF
from tests.attack.attempts import undone

WEB_ROLES = (API, STAFF, SERVICE, BATCH, "public")
COMMANDS = ("select", "insert", "update", "delete", "truncate")
OURS = "('public', 'private')"


@dataclass(frozen=True)
class Mutant:
    """Something spoilt on one table (`schema.name`), or in a function (no table), by SQL of the owning login."""

    kind: str
    table: str
    what: str
    sql: str

    def __str__(self) -> str:
        return f"{self.kind} on {self.table or 'the database'}: {self.what}"


QUERIES: dict[str, str] = {
    "policy": f"""
        select schemaname || '.' || tablename, 'without ' || policyname,
            format('drop policy %I on %I.%I', policyname, schemaname, tablename)
        from pg_policies where schemaname in {OURS}
        union all
        select schemaname || '.' || tablename, 'with an open ' || policyname,
            format('alter policy %I on %I.%I %s %s', policyname, schemaname, tablename,
                case when qual is not null then 'using (true)' end,
                case when with_check is not null then 'with check (true)' end)
        from pg_policies where schemaname in {OURS} and (qual <> 'true' or with_check <> 'true')
        union all
        select schemaname || '.' || tablename, policyname || ' for everybody',
            format('alter policy %I on %I.%I to public', policyname, schemaname, tablename)
        from pg_policies where schemaname in {OURS}
    """,
    "check": f"""
        select n.nspname || '.' || c.relname, 'without ' || k.conname,
            format('alter table %I.%I drop constraint %I', n.nspname, c.relname, k.conname)
        from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in {OURS} and k.contype = 'c' and k.coninhcount = 0
    """,
    "foreign key": f"""
        select n.nspname || '.' || c.relname, 'without ' || k.conname,
            format('alter table %I.%I drop constraint %I', n.nspname, c.relname, k.conname)
        from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in {OURS} and k.contype = 'f' and k.conparentid = 0
        union all
        select n.nspname || '.' || c.relname, k.conname || ' by ' || a.attname || ' alone',
            format('create unique index on %s (%I); alter table %I.%I drop constraint %I,'
                ' add constraint %I foreign key (%I) references %s (%I)', k.confrelid::regclass, f.attname,
                n.nspname, c.relname, k.conname, k.conname, a.attname, k.confrelid::regclass, f.attname)
        from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
        cross join lateral unnest(k.conkey, k.confkey) as p (own, referred)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.own and a.attname <> 'org_id'
        -- Of other columns none is unique by itself, so no key can point at them.
        join pg_attribute f on f.attrelid = k.confrelid and f.attnum = p.referred and f.attname = 'id'
        where n.nspname in {OURS} and k.contype = 'f' and k.conparentid = 0 and cardinality(k.conkey) > 1
    """,
    "row-level security": f"""
        select n.nspname || '.' || c.relname, way,
            format('alter table %I.%I %s row level security', n.nspname, c.relname, way)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace,
            unnest(array['disable', 'no force']) way
        where n.nspname in {OURS} and c.relkind in ('r', 'p') and c.relrowsecurity
    """,
    "trigger": f"""
        select n.nspname || '.' || c.relname, way || ' ' || t.tgname,
            case way when 'without' then format('drop trigger %I on %I.%I', t.tgname, n.nspname, c.relname)
            else format('alter table %I.%I disable trigger %I', n.nspname, c.relname, t.tgname) end
        from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace,
            unnest(array['without', 'with a sleeping']) way
        where n.nspname in {OURS} and not t.tgisinternal and t.tgparentid = 0
            and not (way <> 'without' and c.relkind = 'v')
    """,
    "trigger's function": f"""
        select distinct on (t.tgfoid) n.nspname || '.' || c.relname, t.tgfoid::regprocedure || ' that does nothing',
            format('create or replace function %s returns trigger language plpgsql security %s'
                ' set search_path = pg_catalog, pg_temp as ''begin return coalesce(new, old); end''',
                t.tgfoid::regprocedure, case when p.prosecdef then 'definer' else 'invoker' end)
        from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
        join pg_proc p on p.oid = t.tgfoid
        where n.nspname in {OURS} and not t.tgisinternal order by t.tgfoid, c.relispartition, c.relname
    """,
    "function": f"""
        select '', p.oid::regprocedure || ' ' || way.name, format(way.statement, p.oid::regprocedure)
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace, lateral (values
            ('without search_path', 'alter function %s reset all'),
            ('the other way round', 'alter function %s security ' || case when p.prosecdef then 'invoker'
                else 'definer' end)) way (name, statement)
        where n.nspname in {OURS}
        union all
        select '', p.oid::regprocedure || case when held then ' not for ' else ' for ' end || role,
            format(case when held then 'revoke execute on function %s from %I'
                else 'grant execute on function %s to %I' end, p.oid::regprocedure, role)
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
            unnest(array['{API}', '{STAFF}', '{SERVICE}', '{BATCH}']) role,
            lateral (select exists (select from aclexplode(p.proacl) where grantee = role::regrole) as held) h
        where n.nspname in {OURS}
    """,
}
GRANTS = f"""
select n.nspname || '.' || c.relname, privilege, case role when '' then 'public' else role end,
    case when attname is not null then format(' (%%I)', attname) else '' end, held
from pg_class c join pg_namespace n on n.oid = c.relnamespace, unnest(%s::text[]) role, lateral (
    select p as privilege, null as attname, exists (select from aclexplode(c.relacl) a
        where a.grantee = case role when 'public' then 0 else to_regrole(role) end
        and lower(a.privilege_type) = p) as held from unnest(%s::text[]) p
    union all
    select lower(a.privilege_type), t.attname, true from pg_attribute t, aclexplode(t.attacl) a
    where t.attrelid = c.oid and a.grantee = to_regrole(role)) g
where n.nspname in {OURS} and c.relkind in ('r', 'p', 'v') and not (c.relkind = 'v' and privilege = 'truncate')
"""


def all_mutants() -> list[Mutant]:
    """Every mutant of what stands in the connection's database, in an order that is always the same."""
    with undone() as cursor:
        # Without a path every name is written out.
        cursor.execute("set local search_path = ''")
        found = [Mutant(kind, *row) for kind, query in QUERIES.items() for row in _ask(cursor, query)]
        found += _grants(cursor)
    return sorted(found, key=str)


def _grants(cursor: Any) -> Iterator[Mutant]:
    """A grant that is missing, and one too many."""
    for table, privilege, role, column, held in _ask(cursor, GRANTS, [list(WEB_ROLES), list(COMMANDS)]):
        schema, name = table.split(".")
        on = f'{privilege}{column} on "{schema}"."{name}"'
        statement = f"revoke {on} from {role}" if held else f"grant {on} to {role}"
        yield Mutant("missing grant" if held else "grant too many", table, statement, statement)


def _ask(cursor: Any, query: str, values: Any = None) -> list[Any]:
    cursor.execute(query, values)
    return list(cursor.fetchall())
