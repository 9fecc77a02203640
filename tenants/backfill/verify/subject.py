"""What a check looks at: one converted table with its resolved route, and those around it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from psycopg import sql

from tenants.backfill.catalog.model import Catalog, Table
from tenants.backfill.catalog.row_key import compose_row_key, find_waiting_key
from tenants.backfill.derive.keys import KeyColumn
from tenants.backfill.kept import name_kept_rows
from tenants.backfill.names import TableName
from tenants.backfill.plan.model import TablePlan


@dataclass(frozen=True)
class Subject:
    """A converted table under examination."""

    table: Table
    plan: TablePlan
    phase: str
    conversion: int
    table_id: Any
    """Of the ConversionTable."""
    oid: int
    kept_values: bool
    """Whether it had an org_id before the conversion, whose values were kept."""
    kept_noted: bool
    """Whether the rows among them that disagree with their route were noted."""

    @property
    def name(self) -> TableName:
        return self.table.name

    @property
    def people(self) -> sql.Identifier:
        """The decisions about people that this conversion kept."""
        return sql.Identifier("private", f"conversion_people_{self.conversion}")

    @property
    def kept_rows(self) -> sql.Identifier:
        """Rows whose organization was there before and is another than their route's."""
        return name_kept_rows(self.conversion, self.oid)

    def row_key(self, alias: str) -> sql.Composed:
        """As a reader knows it, and as rows with an organization from before were noted."""
        return compose_row_key(self.table, alias)

    @property
    def waiting_key(self) -> tuple[str, ...]:
        """The columns by which quarantine keeps a row; none where it was kept by its place."""
        return find_waiting_key(self.table)


@dataclass(frozen=True)
class Case:
    """A conversion under examination."""

    subjects: dict[TableName, Subject]
    catalog: Catalog
    person: KeyColumn
    """By which people are known."""

    def ours(self, table: str) -> sql.Identifier:
        """A table of Tenantry's own."""
        return sql.Identifier(settings.TENANTRY_SCHEMA, table)
