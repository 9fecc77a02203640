"""The proof of an erasure: every column of the catalog that can hold an organization's id, counted."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from psycopg import sql

# By name or by foreign key, in every schema; tombstones are what is meant to stay.
COLUMNS = """
select n.nspname, c.relname, a.attname from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    and a.atttypid = 'uuid'::regtype
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
    and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
    and (n.nspname, c.relname) <> ('private', 'audit_erased')
    and (a.attname = 'org_id' or c.oid = to_regclass(%(orgs)s) and a.attname = 'id' or exists (
        select from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'f'
            and k.conkey = array[a.attnum] and k.confrelid = to_regclass(%(orgs)s)))
order by n.nspname <> %(schema)s, n.nspname, c.relname, a.attname
"""


@dataclass(frozen=True)
class Place:
    """A column, and how many rows hold the organization's id there."""

    schema: str
    table: str
    column: str
    rows: int

    @property
    def label(self) -> str:
        name = f"{self.table}.{self.column}"
        return name if self.schema == settings.TENANTRY_SCHEMA else f"{self.schema}.{name}"


def count_places(cursor: Any, org_id: UUID) -> list[Place]:
    """Every place where the organization could be found."""
    schema = settings.TENANTRY_SCHEMA
    cursor.execute(COLUMNS, {"orgs": sql.Identifier(schema, "organizations").as_string(None), "schema": schema})
    return [count_place(cursor, org_id, *found) for found in cursor.fetchall()]


def count_place(cursor: Any, org_id: UUID, schema: str, table: str, column: str) -> Place:
    names = {"table": sql.Identifier(schema, table), "column": sql.Identifier(column)}
    cursor.execute(sql.SQL("select count(*) from {table} where {column} = %s").format(**names), [org_id])
    return Place(schema, table, column, cursor.fetchone()[0])
