"""The names of what a conversion makes in `private`."""

from psycopg import sql

from postgres.names import bound_name
from tenants.backfill.names import read_name
from tenants.models import Conversion, ConversionTable


def people_table(conversion: Conversion) -> sql.Identifier:
    """Each person's organizations, as they were decided."""
    return sql.Identifier("private", f"conversion_people_{conversion.number}")


def decide_function(conversion: Conversion) -> sql.Identifier:
    """Decides a person whom the conversion meets late; by key, or by its text."""
    return sql.Identifier("private", f"decide_person_{conversion.number}")


def org_function(conversion: Conversion, oid: int) -> sql.Identifier:
    """A table's derivation, by the values of its route's columns."""
    return sql.Identifier("private", f"org_of_{conversion.number}_{oid}")


def fill_function(table: ConversionTable) -> sql.Identifier:
    """The body of a table's fill trigger."""
    return sql.Identifier("private", f"fill_org_id_{table.conversion.number}_{table.oid}")


def foreign_key_name(table: str) -> str:
    """Of the foreign key to organizations."""
    return bound_name(f"fk_{table}_org_id")


def table_sql(table: ConversionTable) -> sql.Identifier:
    """The converted table, for SQL."""
    return read_name(table.name).sql
