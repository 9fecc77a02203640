"""The foreign key that a large table does without while its rows are written, and what may have happened meanwhile."""

from collections.abc import Iterator
from uuid import UUID

from django.db import transaction
from psycopg import sql

from tenants.backfill.changes import run_patiently
from tenants.backfill.events import Event, Said
from tenants.backfill.fill.leftovers import LOOK_LOCK_MS, walk
from tenants.backfill.fill.relations import Relation
from tenants.backfill.fill.sessions import JOB, batch_role, batch_transaction
from tenants.backfill.fill.steps import Step
from tenants.backfill.phases.org_key import add_unchecked_keys, find_key
from tenants.backfill.phases.relations import read_tree
from tenants.models import ConversionTable, Organization, Phase
from tenants.scope import owner_scope

NAMED = "select distinct b.org_id from {table} as b where {condition} and b.org_id is not null"
FORGET = "update {table} as b set org_id = null where {condition} and b.org_id = any({gone}::uuid[])"


def hold_to_organizations(table: ConversionTable, *, lock_ms: int) -> Iterator[Event]:
    """Put the key where it is missing; rows of organizations erased before it stood are decided anew by the sweep."""
    tree = read_tree(table)
    add_unchecked_keys(table, tree, phase=Phase.FILL, lock_ms=lock_ms)
    came_late = table.changes.filter(kind="foreign_key", phase=Phase.FILL, undone_at=None).exists()
    if not came_late or all((find_key(relation) or ("", False))[1] for relation in tree):
        return
    if gone := _find_gone(table):
        count = sum(_forget(relation, step, gone, lock_ms) for relation, step in walk(table))
        yield Said(table.name, f"{count:,} rows of {len(gone)} organizations erased during the fill are decided anew")


def _find_gone(table: ConversionTable) -> set[UUID]:
    """With the key in place none can be added to these."""
    named: set[UUID] = set()
    for relation, step in walk(table):
        query = sql.SQL(NAMED).format(table=relation.sql, condition=step.condition("b"))
        with batch_transaction(LOOK_LOCK_MS) as db, batch_role(db):
            db.execute(query, None)
            named.update(row[0] for row in db.fetchall())
    with transaction.atomic(), owner_scope(JOB, f"foreign key of {table.name}"):
        return named - set(Organization.objects.filter(pk__in=named).values_list("pk", flat=True))


def _forget(relation: Relation, step: Step, gone: set[UUID], lock_ms: int) -> int:
    query = sql.SQL(FORGET).format(
        table=relation.sql, condition=step.condition("b"), gone=sql.Literal([str(org) for org in gone])
    )
    counts: list[int] = []

    def attempt() -> None:
        with batch_transaction(lock_ms) as db, batch_role(db):
            db.execute(query, None)
            counts.append(db.rowcount)

    run_patiently(attempt, what=f"organizations erased during the fill of {relation.label}", lock_ms=lock_ms)
    return counts[-1]
