"""What the catalog says of the clinic tables."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from postgres.names import quote

# Parents before children.
TABLES = ("dsos", "doctors", "user_dso_access")
# The rows of these belong to a DSO.
CHILDREN = ("doctors", "user_dso_access")


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key as it stands."""

    table: str
    name: str
    columns: tuple[str, ...]
    definition: str


def fetch_all(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run a query and take its rows."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def list_clinic_tables() -> list[str]:
    """Which of the clinic tables stand in our schema, parents first."""
    found = {
        row[0]
        for row in fetch_all(
            "select relname from pg_catalog.pg_class where relnamespace = to_regnamespace(%s)"
            " and relname = any(%s) and relkind = 'r'",
            f'"{settings.TENANTRY_SCHEMA}"',
            list(TABLES),
        )
    }
    return [table for table in TABLES if table in found]


def has_rows() -> bool:
    """Whether there is anything to convert."""
    return any(any_rows(table) for table in list_clinic_tables())


def any_rows(table: str) -> bool:
    """Whether a table has a row."""
    return bool(fetch_all(f"select exists (select from {quote(table)})")[0][0])  # noqa: S608 - quoted


def count_rows(table: str, condition: str) -> int:
    """How many rows a condition of our own making holds for."""
    return int(fetch_all(f"select count(*) from {quote(table)} where {condition}")[0][0])  # noqa: S608 - no input


def key_columns(table: str) -> tuple[str, tuple[str, ...]]:
    """The name of a table's primary key, and its columns."""
    rows = fetch_all(
        "select c.conname, a.attname from pg_catalog.pg_constraint c"
        " cross join unnest(c.conkey) with ordinality k (n, i)"
        " join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n"
        " where c.conrelid = to_regclass(%s) and c.contype = 'p' order by k.i",
        table,
    )
    return (rows[0][0] if rows else ""), tuple(row[1] for row in rows)


def foreign_keys_to(target: str) -> list[ForeignKey]:
    """Every foreign key that points to a table."""
    rows = fetch_all(
        "select c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid), (select array_agg(a.attname::text)"
        " from pg_catalog.pg_attribute a where a.attrelid = c.conrelid and a.attnum = any(c.conkey))"
        " from pg_catalog.pg_constraint c where c.contype = 'f' and c.conparentid = 0 and c.confrelid = to_regclass(%s)"
        " order by 1, 2",
        target,
    )
    return [ForeignKey(table, name, tuple(columns), definition) for table, name, definition, columns in rows]


def constraint_stands(table: str, name: str) -> bool:
    """Whether a table has a constraint of this name."""
    query = "select from pg_catalog.pg_constraint where conrelid = to_regclass(%s) and conname = %s"
    return bool(fetch_all(query, table, name))


def list_columns(table: str) -> dict[str, str]:
    """A table's columns and their types."""
    return dict(
        fetch_all(
            "select attname, format_type(atttypid, null) from pg_catalog.pg_attribute"
            " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
            table,
        )
    )
