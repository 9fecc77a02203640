"""The relations of one converted table: itself and, where it is partitioned, everything below it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from postgres.names import bound_name
from tenants.models import ConversionTable

TREE = """
with recursive tree (oid, parent, level) as (
    select %s::oid, null::oid, 0
    union all
    select i.inhrelid, i.inhparent, t.level + 1 from tree t
        join pg_catalog.pg_inherits i on i.inhparent = t.oid
        join pg_catalog.pg_class c on c.oid = i.inhrelid and c.relispartition
)
select c.oid::bigint, n.nspname, c.relname, c.relkind = 'p', t.parent::bigint, pg_catalog.pg_get_userbyid(c.relowner),
    c.relrowsecurity, c.relforcerowsecurity
from tree t join pg_catalog.pg_class c on c.oid = t.oid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
order by t.level, c.relname
"""


@dataclass(frozen=True)
class Relation:
    """A table, a partition, or a partitioned table between."""

    oid: int
    schema: str
    name: str
    partitioned: bool
    parent: int | None
    owner: str
    row_security: bool
    forced: bool

    @property
    def sql(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def text(self) -> str:
        return self.sql.as_string(None)

    @property
    def index_name(self) -> str:
        return bound_name(f"idx_{self.name}_org_id")


def read_tree(table: ConversionTable) -> list[Relation]:
    """The table first, then its partitions, level by level."""
    return [Relation(*row) for row in fetch_all(TREE, [table.oid])]


def fetch_all(query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """Run a query and take its rows."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def fetch_qualified(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    """The same without a search path, so that every name in an expression or definition is written out."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('search_path')")
        before = cursor.fetchone()[0]
        cursor.execute("select set_config('search_path', '', false)")
        try:
            cursor.execute(query, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        finally:
            cursor.execute("select set_config('search_path', %s, false)", [before])
        return rows


def server_version() -> int:
    """`server_version_num`."""
    with connection.cursor() as cursor:
        return int(cursor.connection.info.server_version)


@contextmanager
def as_login() -> Iterator[None]:
    """A short transaction with the rights of the login, which inherits those of the tables' owners."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select current_setting('role')")
        role = cursor.fetchone()[0]
        cursor.execute("set local role none")
        yield
        cursor.execute("select set_config('role', %s, true)", [role])
