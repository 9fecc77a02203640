"""Noting what stood in an org_id of before: rows that disagree with their route, and rows that had none."""

from django.db import connection
from psycopg import sql

from tenants.backfill.catalog.reading import read_catalog
from tenants.backfill.catalog.row_key import compose_row_key, find_row_key
from tenants.backfill.changes import change_schema
from tenants.backfill.derive.expression import compose_derivation, read_decisions
from tenants.backfill.derive.objects import table_sql
from tenants.backfill.names import TableName, read_name
from tenants.backfill.phases.visibility import let_owner_see
from tenants.models import Conversion, ConversionTable, Phase

# The changes that tell of a column that was there before, and that its values were looked at.
KEPT, NOTED = "kept_column", "kept_noted"


def name_kept_rows(conversion: int, oid: int) -> sql.Identifier:
    """Where they are noted."""
    return sql.Identifier("private", f"kept_org_ids_{conversion}_{oid}")


def name_unfilled_rows(conversion: int, oid: int) -> sql.Identifier:
    """Where the rows are noted that had no organization: a rollback empties them again."""
    return sql.Identifier("private", f"unfilled_rows_{conversion}_{oid}")


def note_kept_rows(conversion: Conversion, *, lock_ms: int) -> None:
    """Before the first fill: afterwards nobody can tell what was there before from what was filled in wrongly."""
    for table in ConversionTable.objects.filter(conversion=conversion, phase=Phase.COLUMN, fill_started_at=None):
        changes = table.changes.filter(undone_at=None)
        if changes.filter(kind=KEPT).exists() and not changes.filter(kind=NOTED).exists():
            let_owner_see(table, phase=Phase.COLUMN, lock_ms=lock_ms)
            _note_rows(table, lock_ms=lock_ms)


def _note_rows(table: ConversionTable, *, lock_ms: int) -> None:
    name = TableName(*read_name(table.name))
    with connection.cursor() as cursor:
        found = read_catalog(cursor, (name.schema,)).tables[name]
    kept = name_kept_rows(table.conversion.number, table.oid)
    unfilled = name_unfilled_rows(table.conversion.number, table.oid)
    # Without a key a row is known by its place, which the fill changes.
    known = sql.SQL("" if find_row_key(found) else " and false")
    change_schema(
        table,
        sql.SQL("create table {} (row_key jsonb not null, org_id uuid not null)").format(kept),
        sql.SQL("create table {} (row_key jsonb not null)").format(unfilled),
        # The login reads the old table, and inherits what is ours.
        sql.SQL("set local role none"),
        sql.SQL(
            "insert into {} select {}, t.org_id from {} as t"
            " where t.org_id is not null and t.org_id is distinct from {}"
        ).format(kept, compose_row_key(found, "t"), table_sql(table), compose_derivation(read_decisions(table), "t")),
        sql.SQL("insert into {} select {} from {} as t where t.org_id is null{}").format(
            unfilled, compose_row_key(found, "t"), table_sql(table), known
        ),
        phase=Phase.COLUMN,
        kind=NOTED,
        name=kept.as_string(None),
        undo=sql.SQL("drop table if exists {}, {}").format(kept, unfilled),
        lock_ms=lock_ms,
        as_owner=True,
    )
