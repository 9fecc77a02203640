"""What is left to do in a table once its shares are done: rounds of sweeping, decisions by hand, and the end.

A sweep is made of shares like any other: it is fenced, resumed, and done by all who work on the conversion.
"""

from django.db import connection, transaction

from tenants.backfill.fill.choose import way_without_passes
from tenants.backfill.fill.relations import read_relations
from tenants.backfill.fill.sessions import batch_role, batch_transaction
from tenants.backfill.fill.shares import make_shares
from tenants.backfill.fill.steps import Bounds
from tenants.backfill.plan.model import RouteKind, read_route
from tenants.models import ConversionShare, ConversionTable, ShareState

# Live writers move a few rows during each; what the last one leaves is counted and reported.
MOST_ROUNDS = 4
PAGES_PER_SHARE = 1_500
MOST_SHARES = 256


def count_parts(pages: int) -> int:
    """How many shares a relation is worth."""
    return max(1, min(MOST_SHARES, pages // PAGES_PER_SHARE))


def start_round(table: ConversionTable, *, anyway: bool = False) -> bool:
    """Make the shares of the next sweep; False when the last one found nothing, or there were enough.

    `anyway` is for rows that have lost their organization since.
    """
    shares = list(ConversionShare.objects.filter(table=table).values_list("bounds", "rows_changed"))
    number = max((bounds.get("round", 0) for bounds, _ in shares), default=0)
    changed = sum(rows for bounds, rows in shares if bounds.get("round", 0) == number)
    if not anyway and (number >= MOST_ROUNDS or (number and not changed)):
        return False
    drifted = may_drift(table)
    bounds = [{**b, "round": number + 1, "drifted": drifted} for b in _split(table)]
    with transaction.atomic():
        # The sweep looks at parked rows too.
        ConversionShare.objects.filter(table=table, state=ShareState.PARKED).delete()
        make_shares(table, bounds)
    return bool(bounds)


def may_drift(table: ConversionTable) -> bool:
    """Whether a row's organization may have followed a parent's that has changed since; values from before are kept."""
    kept = table.changes.filter(kind="kept_column", undone_at=None).exists()
    return read_route(table.decisions["route"]).kind is RouteKind.PARENT and not kept


def has_swept(table: ConversionTable) -> bool:
    """Whether a sweep of this fill has begun."""
    return ConversionShare.objects.filter(table=table, bounds__has_key="round").exists()


def forget_rounds(table: ConversionTable) -> None:
    """Let the sweep begin anew."""
    ConversionShare.objects.filter(table=table, bounds__has_key="round").delete()


def _split(table: ConversionTable) -> list[Bounds]:
    with batch_transaction(5_000) as db:
        relations = read_relations(db, table.oid)
        with batch_role(db):
            return [b for r in relations for b in way_without_passes(r).split(db, count_parts(r.pages))]


def constant_holds(table: ConversionTable) -> bool:
    """Whether the column's constant, written nowhere but in the catalog, answers for every row from before."""
    if table.changes.filter(kind="kept_column", undone_at=None).exists():
        return False
    with connection.cursor() as db:
        oids = [relation.oid for relation in read_relations(db, table.oid)]
        db.execute(
            "select count(*) from pg_catalog.pg_attribute where attrelid = any(%s) and attname = 'org_id'"
            " and atthasmissing and attmissingval is not null",
            [oids],
        )
        return bool(oids) and (db.fetchone() or [0])[0] == len(oids)
