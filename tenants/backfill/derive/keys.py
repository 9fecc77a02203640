"""Columns that name a person or a parent: their types, and how two of them are compared."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from psycopg import sql

from tenants.backfill.names import TableName

# Families whose members one index serves alike.
WHOLE_NUMBERS = {"smallint", "integer", "bigint"}
TEXTS = {"text", "character varying"}
# A domain counts as what it is made of. PostgreSQL reads a bare `character` as character(1): bpchar has no length.
READ_TYPES = """
with recursive base (attname, typoid, collation_oid) as (
    select a.attname, a.atttypid, a.attcollation from pg_catalog.pg_attribute a
    where a.attrelid = %s and a.attname = any(%s) and a.attnum > 0 and not a.attisdropped
    union all
    select b.attname, t.typbasetype, b.collation_oid
    from base b join pg_catalog.pg_type t on t.oid = b.typoid and t.typtype = 'd'
)
select b.attname::text, case when t.oid = 'pg_catalog.bpchar'::regtype then 'bpchar'
        when n.nspname = 'pg_catalog' then pg_catalog.format_type(t.oid, null)
        else pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname) end,
    case when t.typtype = 'b' then n.nspname else 'pg_catalog' end::text,
    coalesce(pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(c.collname), '')
from base b join pg_catalog.pg_type t on t.oid = b.typoid and t.typtype <> 'd'
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    left join pg_catalog.pg_collation c on c.oid = b.collation_oid
    left join pg_catalog.pg_namespace cn on cn.oid = c.collnamespace
"""


class ColumnUnknown(ValueError):
    """A table, or a column of it, that is not there."""


@dataclass(frozen=True)
class KeyColumn:
    """A column with its type and collation, as SQL wants them, and the schema in which the type's own `=` stands."""

    name: str
    type: str
    operators: str = "pg_catalog"
    collation: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @property
    def sql_type(self) -> sql.SQL:
        """As the catalog wrote it, quoted where it must be."""
        return sql.SQL(self.type)

    @property
    def sql_collation(self) -> sql.Composable:
        """The clause that makes another column of the same collation."""
        return sql.SQL(f"collate {self.collation}" if self.collation else "")


UUID_KEY = KeyColumn("id", "uuid")


def find_oid(name: TableName) -> int:
    """The table's identity in the catalog."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.oid::bigint from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = %s and c.relname = %s and c.relkind in ('r', 'p')",
            [name.schema, name.table],
        )
        row = cursor.fetchone()
    if row is None:
        raise ColumnUnknown(f"there is no table {name}")
    return int(row[0])


def read_key(name: TableName, columns: tuple[str, ...]) -> tuple[KeyColumn, ...]:
    """The types of a table's columns, in the order asked for."""
    with connection.cursor() as cursor:
        cursor.execute(READ_TYPES, [find_oid(name), list(columns)])
        found = {row[0]: KeyColumn(*row) for row in cursor.fetchall()}
    missing = [column for column in columns if column not in found]
    if missing:
        raise ColumnUnknown(f"{name} has no column {', '.join(missing)}")
    return tuple(found[column] for column in columns)


def read_primary_key(name: TableName) -> KeyColumn:
    """The one column that names a row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select array_agg(a.attname::text) from pg_catalog.pg_index i join pg_catalog.pg_attribute a"
            " on a.attrelid = i.indrelid and a.attnum = any (i.indkey) where i.indrelid = %s and i.indisprimary",
            [find_oid(name)],
        )
        columns = cursor.fetchone()[0] or []
    if len(columns) != 1:
        raise ColumnUnknown(f"{name} needs a primary key of one column, by which its people are known")
    return read_key(name, tuple(columns))[0]


def same_kind(left: KeyColumn, right: KeyColumn) -> bool:
    """Whether two columns are compared as they are; otherwise as text."""
    kinds = {left.type, right.type}
    return len(kinds) == 1 or kinds <= WHOLE_NUMBERS or kinds <= TEXTS


def compare(left: sql.Composable, left_key: KeyColumn, right: sql.Composable, right_key: KeyColumn) -> sql.Composed:
    """An equality that does not depend on the search path.

    By the collation of the left one, as its index: a parameter of a function may have any, also none.
    """
    if left_key.collation and right_key.collation:
        right = sql.SQL("({} {})").format(right, left_key.sql_collation)
    if not same_kind(left_key, right_key):
        return sql.SQL("{}::text = {}::text").format(left, right)
    if left_key.operators == "pg_catalog":
        return sql.SQL("{} = {}").format(left, right)
    return sql.SQL("{} operator({}.=) {}").format(left, sql.Identifier(left_key.operators), right)


def match_rows(
    alias: str, name: TableName, columns: tuple[str, ...], other: str, to: TableName, to_columns: tuple[str, ...]
) -> sql.Composed:
    """Which row of `to` (its alias is `other`) a row of a table leads to, by the columns of its route."""
    pairs = zip(read_key(name, columns), read_key(to, to_columns), strict=True)
    parts = [compare(sql.Identifier(other, b.name), b, sql.Identifier(alias, a.name), a) for a, b in pairs]
    return sql.SQL(" and ").join(parts)


def load_key(found: dict[str, Any]) -> KeyColumn:
    """A key column out of a conversion's decisions."""
    return KeyColumn(**found)
