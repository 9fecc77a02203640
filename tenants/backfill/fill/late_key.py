"""The foreign key that a large table does without while its rows are written, and what may have happened meanwhile."""

from uuid import UUID

from django.db import transaction
from psycopg import sql

from tenants.backfill.changes import run_patiently
from tenants.backfill.events import Said
from tenants.backfill.fill.looks import walk
from tenants.backfill.fill.relations import Relation
from tenants.backfill.fill.sessions import JOB, batch_role, batch_transaction
from tenants.backfill.fill.steps import Step
from tenants.backfill.phases.org_key import add_unchecked_keys, find_key
from tenants.backfill.phases.relations import read_tree
from tenants.models import ConversionTable, Organization, Phase
from tenants.scope import owner_scope

FORGET = "update {table} as b set org_id = null where {condition} and b.org_id = any({gone}::uuid[])"


def hold_to_organizations(table: ConversionTable, *, lock_ms: int) -> None:
    """Put the key where it is missing."""
    add_unchecked_keys(table, read_tree(table), phase=Phase.FILL, lock_ms=lock_ms)


def may_name_erased(table: ConversionTable) -> bool:
    """Whether rows were written while no key stood, and no check of it has answered for them since."""
    came_late = table.changes.filter(kind="foreign_key", phase=Phase.FILL, undone_at=None).exists()
    return came_late and not all((find_key(relation) or ("", False))[1] for relation in read_tree(table))


def find_erased(table: ConversionTable, named: set[UUID]) -> set[UUID]:
    """Those organizations among the named that are gone; with the key in place none can be added to these."""
    with transaction.atomic(), owner_scope(JOB, f"foreign key of {table.name}"):
        return named - set(Organization.objects.filter(pk__in=named).values_list("pk", flat=True))


def forget_erased(table: ConversionTable, gone: set[UUID], *, lock_ms: int) -> Said:
    """Take erased organizations from their rows, which the next sweep decides anew."""
    count = sum(_forget(relation, step, gone, lock_ms) for relation, step in walk(table))
    return Said(table.name, f"{count:,} rows of {len(gone)} organizations erased during the fill are decided anew")


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
