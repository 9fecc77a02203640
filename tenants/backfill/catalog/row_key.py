"""How a row is named outside its table: in quarantine, in proofs."""

from psycopg import sql

from tenants.backfill.catalog.model import Table


def find_row_key(table: Table) -> tuple[str, ...]:
    """The columns that name a row for good; none where only its place does."""
    found = table.primary_key or next((k for k in table.keys if k.not_null), None)
    return found.columns if found else ()


def find_waiting_key(table: Table) -> tuple[str, ...]:
    """The columns that name a row in quarantine: those of the key that batches go by."""
    found = next((k for k in table.keys if k.not_null and k.immediate), None)
    return found.columns if found else ()


def compose_row_key(table: Table, alias: str) -> sql.Composed:
    """Key columns with their values as text; the ctid where there is no key."""
    return compose_key(find_row_key(table), alias)


def compose_key(columns: tuple[str, ...], alias: str) -> sql.Composed:
    """The same by these columns."""
    names = columns or ("ctid",)
    pairs = [sql.SQL("{}, {}::text").format(sql.Literal(name), sql.Identifier(alias, name)) for name in names]
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))
