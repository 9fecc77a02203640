"""Writing what a person has decided about quarantined rows."""

from django.db import connection
from django.utils import timezone
from psycopg import sql

from tenants.backfill.fill.relations import Relation, read_relations
from tenants.backfill.fill.sessions import batch_role, batch_transaction
from tenants.models import ConversionTable, QuarantinedRow

WRITTEN_AT_ONCE = 100


def apply_decisions(table: ConversionTable, *, lock_ms: int) -> int:
    """Write what was decided to rows that still have no organization; return how many were."""
    written = 0
    with connection.cursor() as db:
        relations = read_relations(db, table.oid)
    while rows := list(
        QuarantinedRow.objects.filter(table=table, applied_at=None, decided_org__isnull=False)[:WRITTEN_AT_ONCE]
    ):
        with batch_transaction(max(lock_ms, 1_000)) as db:
            with batch_role(db):
                for row in rows:
                    for relation in relations:
                        db.execute(_compose_write(relation, row), None)
                        written += db.rowcount
            QuarantinedRow.objects.filter(pk__in=[row.pk for row in rows]).update(applied_at=timezone.now())
    return written


def _compose_write(relation: Relation, row: QuarantinedRow) -> sql.Composed:
    if not set(row.row_key) <= {*relation.columns, "ctid", "tableoid"}:
        return sql.SQL("select where false").format()
    match = [sql.SQL("t.{} = {}").format(sql.Identifier(n), sql.Literal(v)) for n, v in row.row_key.items()]
    return sql.SQL("update {} as t set org_id = {} where {} and t.org_id is null").format(
        relation.sql, sql.Literal(row.decided_org_id), sql.SQL(" and ").join(match)
    )
