"""What a check looks at: one converted table with its resolved route, and those around it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from psycopg import sql

from tenants.backfill.catalog.model import Catalog, Table
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
    kept_values: bool
    """Whether it had org_id values before the conversion, which were kept."""

    @property
    def name(self) -> TableName:
        return self.table.name

    @property
    def people(self) -> sql.Identifier:
        """The decisions about people that this conversion kept."""
        return sql.Identifier("private", f"conversion_people_{self.conversion}")

    def row_key(self, alias: str) -> sql.Composed:
        """The key as quarantine keeps it: columns with their values as text; the ctid where there is no key."""
        found = self.table.primary_key or next((k for k in self.table.keys if k.not_null), None)
        columns = found.columns if found else ("ctid",)
        pairs = [
            sql.SQL("{}, {}::text").format(sql.Literal(column), sql.Identifier(alias, column)) for column in columns
        ]
        return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))


@dataclass(frozen=True)
class Case:
    """A conversion under examination."""

    subjects: dict[TableName, Subject]
    catalog: Catalog

    def ours(self, table: str) -> sql.Identifier:
        """A table of Tenantry's own."""
        return sql.Identifier(settings.TENANTRY_SCHEMA, table)
