"""Noting which rows had an organization before the conversion that is another than their route leads to."""

from django.db import connection
from psycopg import sql

from tenants.backfill.catalog.reading import read_catalog
from tenants.backfill.catalog.row_key import compose_row_key
from tenants.backfill.changes import change_schema
from tenants.backfill.derive.expression import compose_derivation, read_decisions
from tenants.backfill.derive.objects import table_sql
from tenants.backfill.names import TableName, read_name
from tenants.models import Conversion, ConversionTable, Phase

# The changes that tell of a column that was there before, and that its values were looked at.
KEPT, NOTED = "kept_column", "kept_noted"


def name_kept_rows(conversion: int, oid: int) -> sql.Identifier:
    """Where they are noted."""
    return sql.Identifier("private", f"kept_org_ids_{conversion}_{oid}")


def note_kept_rows(conversion: Conversion, *, lock_ms: int) -> None:
    """Before the first fill: afterwards nobody can tell what was there before from what was filled in wrongly."""
    for table in ConversionTable.objects.filter(conversion=conversion, phase=Phase.COLUMN, fill_started_at=None):
        changes = table.changes.filter(undone_at=None)
        if changes.filter(kind=KEPT).exists() and not changes.filter(kind=NOTED).exists():
            _note_rows(table, lock_ms=lock_ms)


def _note_rows(table: ConversionTable, *, lock_ms: int) -> None:
    name = TableName(*read_name(table.name))
    with connection.cursor() as cursor:
        found = read_catalog(cursor, (name.schema,)).tables[name]
    kept = name_kept_rows(table.conversion.number, table.oid)
    change_schema(
        table,
        sql.SQL("create table {} (row_key jsonb not null, org_id uuid not null)").format(kept),
        # The login reads the old table, and inherits what is ours.
        sql.SQL("set local role none"),
        sql.SQL(
            "insert into {} select {}, t.org_id from {} as t"
            " where t.org_id is not null and t.org_id is distinct from {}"
        ).format(kept, compose_row_key(found, "t"), table_sql(table), compose_derivation(read_decisions(table), "t")),
        phase=Phase.COLUMN,
        kind=NOTED,
        name=kept.as_string(None),
        undo=sql.SQL("drop table if exists {}").format(kept),
        lock_ms=lock_ms,
        as_owner=True,
    )
