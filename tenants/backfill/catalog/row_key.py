"""How a row is named outside its table: in quarantine, in proofs."""

from psycopg import sql

from tenants.backfill.catalog.model import Table


def find_row_key(table: Table) -> tuple[str, ...]:
    """The columns that name a row for good; none where only its place does."""
    found = table.primary_key or next((k for k in table.keys if k.not_null), None)
    return found.columns if found else ()


def compose_row_key(table: Table, alias: str) -> sql.Composed:
    """Key columns with their values as text; the ctid where there is no key."""
    columns = find_row_key(table) or ("ctid",)
    pairs = [sql.SQL("{}, {}::text").format(sql.Literal(column), sql.Identifier(alias, column)) for column in columns]
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))
