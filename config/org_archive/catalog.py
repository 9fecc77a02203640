"""Which tables hold an organization's rows, as the catalog has them: ours, converted ones, and those of other apps."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

from django.conf import settings
from psycopg import sql

from config.org_archive.errors import ArchiveRefused
from tenants.registry import org_models

# Tables with an org_id of their own, partitions aside. Where the organization may go and the row stays, the column
# only points to it: that is a conversion's memory of people, not the organization's row.
TABLES = """
select c.oid, n.nspname, c.relname, n.nspname = 'private'
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
    and a.atttypid = 'uuid'::regtype
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
    and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
    and not exists (select from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'f'
        and k.conkey = array[a.attnum] and k.confrelid = to_regclass(%(orgs)s) and k.confdeltype in ('n', 'd'))
order by n.nspname <> %(schema)s, n.nspname, c.relname
"""
# What a generated column holds, or our trigger fills, follows from the rest of the row: it is made anew.
COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull and not a.atthasdef, a.attidentity <> '', exists (
    select from pg_catalog.pg_constraint k where k.conrelid = a.attrelid and k.contype = 'f'
        and k.conkey = array[a.attnum] and k.confrelid = to_regclass(%(users)s))
from pg_catalog.pg_attribute a
where a.attrelid = %(table)s and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    and not (a.attname = 'name_lower' and exists (select from pg_catalog.pg_trigger t
        where t.tgrelid = a.attrelid and t.tgfoid = to_regproc(%(keeper)s)))
order by a.attnum
"""
KEY = """
select a.attname from pg_catalog.pg_index i
cross join unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
where i.indrelid = %(table)s and i.indisprimary order by k.place
"""
# The fourth argument of the log's trigger: what never enters the log never enters an archive.
REDACTED = """
select coalesce(array_agg(distinct r), '{}') from pg_catalog.pg_trigger t join pg_catalog.pg_proc f on f.oid = t.tgfoid,
    unnest((string_to_array(encode(t.tgargs, 'escape'), '\\000'))[4]::text[]) r
where t.tgrelid = %(table)s and f.proname = 'audit_trigger_function'
"""
REFERENCES = """
select k.conrelid, k.confrelid from pg_catalog.pg_constraint k
where k.contype = 'f' and k.conparentid = 0 and k.conrelid <> k.confrelid
    and k.conrelid = any(%(tables)s) and k.confrelid = any(%(tables)s)
"""
NEEDED = """
select k.confrelid, n.nspname, c.relname, k.conrelid,
    (select array_agg(a.attname::text order by u.n) from unnest(k.conkey) with ordinality u (attnum, n)
        join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum),
    (select array_agg(a.attname::text order by u.n) from unnest(k.confkey) with ordinality u (attnum, n)
        join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.attnum)
from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.confrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where k.contype = 'f' and k.conparentid = 0 and k.conrelid = any(%(tables)s) and k.confrelid <> all(%(tables)s)
    and n.nspname <> 'private' and not (n.nspname = %(schema)s and c.relname = 'users')
order by n.nspname <> %(schema)s, n.nspname, c.relname, k.conname
"""
OURS = "{schema}"
# The log and what seals it have ways of their own, in and out; tombstones stay.
LOG = ((OURS, "audit_logs"), ("private", "audit_seals"), ("private", "audit_retired"), ("private", "audit_heads"))
TOMBSTONES = ("private", "audit_erased")


@dataclass(frozen=True)
class Column:
    """One column that a file can carry; `required`: it has neither a default nor may it be empty; `person`: it names
    somebody of `users`."""

    name: str
    type: str
    required: bool
    identity: bool = False
    person: bool = False


@dataclass(frozen=True)
class OrgTable:
    """A table with rows of organizations; the organization's own row is the first of them."""

    oid: int
    schema: str
    name: str
    private: bool
    columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    org_column: str = "org_id"

    @property
    def label(self) -> str:
        """Its name without a schema that depends on a setting."""
        return self.name if self.schema == OURS else f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        schema = settings.TENANTRY_SCHEMA if self.schema == OURS else self.schema
        return sql.Identifier(schema, self.name)

    @property
    def carried(self) -> tuple[Column, ...]:
        """What a file holds of a row."""
        return tuple(c for c in self.columns if c.name not in self.left_out)

    def of_org(self, org_id: UUID) -> sql.Composed:
        """The condition on its rows."""
        return sql.SQL("{} = {}").format(sql.Identifier(self.org_column), sql.Literal(org_id))


@dataclass(frozen=True)
class Link:
    """A foreign key into a table of nobody's rows."""

    child: OrgTable
    columns: tuple[str, ...]
    keys: tuple[str, ...]

    def holds(self, org_id: UUID) -> sql.Composed:
        """Whether a row `t` there is one that the organization points to."""
        pairs = [
            sql.SQL("c.{} = t.{}").format(sql.Identifier(column), sql.Identifier(key))
            for column, key in zip(self.columns, self.keys, strict=True)
        ]
        mine = sql.SQL("c.{}").format(self.child.of_org(org_id))
        return sql.SQL("exists (select from {} c where {} and {})").format(
            self.child.identifier, mine, sql.SQL(" and ").join(pairs)
        )


@dataclass(frozen=True)
class NeededTable(OrgTable):
    """A table without organizations; an archive carries the rows that the organization points to."""

    links: tuple[Link, ...] = ()

    def of_org(self, org_id: UUID) -> sql.Composed:
        return sql.SQL("({})").format(sql.SQL(" or ").join(link.holds(org_id) for link in self.links))


@dataclass
class Catalog:
    """Every table to move or erase, in groups: what others point to comes first, what points in a circle together."""

    groups: list[list[OrgTable]] = field(default_factory=list)
    private: list[OrgTable] = field(default_factory=list)
    log: list[OrgTable] = field(default_factory=list)
    needed: list[OrgTable] = field(default_factory=list)

    @property
    def tables(self) -> list[OrgTable]:
        return [table for group in self.groups for table in group]

    @property
    def archived(self) -> list[OrgTable]:
        """What has a file in an archive."""
        return [*self.needed, *self.tables, *self.log]


def read_catalog(cursor: Any) -> Catalog:
    """Read it all; a table of ours that the catalog does not show would be left behind, so that is an error."""
    schema = settings.TENANTRY_SCHEMA
    orgs = sql.Identifier(schema, "organizations").as_string(None)
    cursor.execute(TABLES, {"orgs": orgs, "schema": schema})
    found = [OrgTable(oid, OURS if name == schema else name, *rest) for oid, name, *rest in cursor.fetchall()]
    cursor.execute("select to_regclass(%s)::oid::bigint", [orgs])
    root = OrgTable(cursor.fetchone()[0], OURS, "organizations", private=False, org_column="id")
    described = {(t.schema, t.name): describe_table(cursor, t) for t in [root, *found]}
    described.pop(TOMBSTONES, None)
    log = [described.pop(place) for place in LOG]
    missing = {m._meta.db_table for m in org_models()} - {t.name for t in described.values() if t.schema == OURS}
    if missing:
        raise ArchiveRefused(f"the catalog does not show org_id on {', '.join(sorted(missing))}: manage.py doctor")
    movable = [t for t in described.values() if not t.private]
    groups, private = sort_tables(cursor, movable), [t for t in described.values() if t.private]
    return Catalog(groups, private, log, read_needed(cursor, movable))


def read_needed(cursor: Any, tables: list[OrgTable]) -> list[OrgTable]:
    """Tables of nobody's rows that these point to: what is defined there has to be there for them."""
    by_oid = {t.oid: t for t in tables}
    cursor.execute(NEEDED, {"tables": list(by_oid), "schema": settings.TENANTRY_SCHEMA})
    links: dict[tuple[int, str, str], list[Link]] = {}
    for oid, schema, name, child, columns, keys in cursor.fetchall():
        links.setdefault((oid, schema, name), []).append(Link(by_oid[child], tuple(columns), tuple(keys)))
    found: list[OrgTable] = []
    for (oid, schema, name), pointing in links.items():
        ours = OURS if schema == settings.TENANTRY_SCHEMA else schema
        bare = describe_table(cursor, OrgTable(oid, ours, name, private=False))
        found.append(NeededTable(**{f.name: getattr(bare, f.name) for f in fields(bare)}, links=tuple(pointing)))
    return found


def describe_table(cursor: Any, table: OrgTable) -> OrgTable:
    """The same with its columns, its key and what is secret."""
    names: dict[str, Any] = {
        "table": table.oid,
        "users": sql.Identifier(settings.TENANTRY_SCHEMA, "users").as_string(None),
        "keeper": sql.Identifier(settings.TENANTRY_SCHEMA, "keep_name_lower").as_string(None),
    }
    cursor.execute(COLUMNS, names)
    columns = tuple(Column(*row) for row in cursor.fetchall())
    cursor.execute(KEY, names)
    key = tuple(name for (name,) in cursor.fetchall())
    cursor.execute(REDACTED, names)
    left_out = tuple(sorted(cursor.fetchone()[0]))
    return OrgTable(
        table.oid, table.schema, table.name, table.private, columns, key, left_out, org_column=table.org_column
    )


def sort_tables(cursor: Any, tables: list[OrgTable]) -> list[list[OrgTable]]:
    """Groups in the order of foreign keys: what a row points to is in an earlier group, or in its own."""
    cursor.execute(REFERENCES, {"tables": [t.oid for t in tables]})
    needs: dict[int, set[int]] = {t.oid: set() for t in tables}
    for child, parent in cursor.fetchall():
        needs[child].add(parent)
    return list(_peel(tables, needs))


def _peel(tables: list[OrgTable], needs: dict[int, set[int]]) -> Iterator[list[OrgTable]]:
    left = list(tables)
    while left:
        open_ids = {t.oid for t in left}
        ready = [t for t in left if not (needs[t.oid] & open_ids)]
        if ready:
            yield from ([t] for t in ready)
        else:
            ready = smallest_circle(left, needs)
            yield ready
        left = [t for t in left if t not in ready]


def smallest_circle(tables: list[OrgTable], needs: dict[int, set[int]]) -> list[OrgTable]:
    """The smallest set of tables that need nothing outside it: among tables that all wait, there is one."""
    open_ids = {t.oid for t in tables}
    closures = [close_over(t.oid, needs, open_ids) for t in tables]
    smallest = min(closures, key=len)
    return [t for t in tables if t.oid in smallest]


def close_over(start: int, needs: dict[int, set[int]], among: set[int]) -> set[int]:
    """A table with everything it needs, directly or not."""
    reached, waiting = {start}, [start]
    while waiting:
        new = (needs[waiting.pop()] & among) - reached
        reached |= new
        waiting += new
    return reached
