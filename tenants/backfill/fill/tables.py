"""A table's way through the fill: opened, cut into shares, swept, and closed."""

from collections.abc import Iterator

from django.db import connection, transaction
from django.utils import timezone

from tenants.backfill.events import Event, Finished, Parked, Said, Started
from tenants.backfill.fill.choose import CHECK, STRATEGIES, Choice, choose_strategy
from tenants.backfill.fill.decisions import apply_decisions
from tenants.backfill.fill.gates import find_triggers
from tenants.backfill.fill.late_key import find_erased, forget_erased, hold_to_organizations, may_name_erased
from tenants.backfill.fill.leftovers import count_disagreeing, set_aside
from tenants.backfill.fill.looks import Seen, look_at_rows
from tenants.backfill.fill.preparation import Preparation, close_table
from tenants.backfill.fill.relations import Relation, read_relations
from tenants.backfill.fill.rounds import constant_holds, count_parts, forget_rounds, has_swept, start_round
from tenants.backfill.fill.sessions import batch_role, batch_transaction
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.fill.shares import make_shares
from tenants.backfill.phases.reaching import reach_phase
from tenants.models import ConversionShare, ConversionTable, Phase, ShareState, TableState

FAMILY = """
with recursive tree (oid) as (
    select %s::oid union select i.inhrelid from pg_catalog.pg_inherits i join tree on tree.oid = i.inhparent
) select oid::bigint from tree
"""
QUARANTINE = "manage.py backfill_org_ids quarantine"
RUN = "manage.py backfill_org_ids run --plan PLAN"


def start_fill(table: ConversionTable, settings: FillSettings) -> Iterator[Event]:
    """Open a table to the batches and cut it into shares; goes on where it was once begun."""
    _forget_older_column(table)
    with connection.cursor() as db:
        relations = read_relations(db, table.oid)
        choice = _choose(table, relations)
    yield Started(table.name, Phase.FILL, f"{choice.strategy}: {choice.reason}")
    if choice.strategy != CHECK:
        if refusal := _prepare(table, relations, settings, passes=choice.strategy == "hot_passes"):
            yield from park_table(table, refusal, RUN, settings)
            return
        _cut(table, relations, choice)
    table.strategy, table.strategy_reason = choice.strategy, choice.reason
    table.state, table.reason = TableState.WORKING, ""
    table.fill_started_at = table.fill_started_at or timezone.now()
    _save(table, "strategy", "strategy_reason", "state", "reason", "fill_started_at")


def _forget_older_column(table: ConversionTable) -> None:
    """Shares of a column that a rollback has dropped say nothing about the one that stands now."""
    made = table.changes.filter(kind__in=["column", "kept_column"], undone_at=None).order_by("made_at").first()
    if made:
        ConversionShare.objects.filter(table=table, created_at__lt=made.made_at).delete()


def _choose(table: ConversionTable, relations: list[Relation]) -> Choice:
    begun = ConversionShare.objects.filter(table=table).exclude(bounds__has_key="round").exists()
    if begun and table.strategy in STRATEGIES:
        return Choice(table.strategy, table.strategy_reason)
    constant = str(table.decisions["route"]).startswith("org:") and constant_holds(table)
    with connection.cursor() as db:
        return choose_strategy(db, relations, constant=constant)


def _prepare(table: ConversionTable, relations: list[Relation], settings: FillSettings, *, passes: bool) -> str:
    """Open the table; a sentence where the plan forbids it."""
    preparation = Preparation(table, lock_ms=settings.lock_ms)
    with connection.cursor() as db:
        db.execute(FAMILY, [table.oid])
        family = [row[0] for row in db.fetchall()]
        own = find_triggers(db, family)
    if own and table.decisions["triggers"] == "stop":
        names = ", ".join(sorted({t.name for t in own}))
        return f'the plan stops at triggers, and {names} would fire in every batch: write triggers = "gate" or "fire"'
    open_table(table, relations, preparation, passes=passes)
    if parent := (table.decisions.get("resolved") or {}).get("parent"):
        preparation.open_for_reading(parent["oid"])
    return ""


def open_table(
    table: ConversionTable, relations: list[Relation], preparation: Preparation, *, passes: bool = False
) -> None:
    """Let the batch role write, past the table's own triggers where the plan says so."""
    if table.decisions["triggers"] == "gate":
        with connection.cursor() as db:
            db.execute(FAMILY, [table.oid])
            family = [row[0] for row in db.fetchall()]
        preparation.gate_triggers(family)
    for relation in relations:
        preparation.open_relation(relation, passes=passes)


def _open_newcomers(table: ConversionTable, settings: FillSettings) -> None:
    """Partitions that were attached meanwhile: the sweep fills them."""
    with connection.cursor() as db:
        relations = read_relations(db, table.oid)
    open_table(table, relations, Preparation(table, lock_ms=settings.lock_ms))


def _cut(table: ConversionTable, relations: list[Relation], choice: Choice) -> None:
    """Make the shares, once; those that were set aside are tried again."""
    forget_rounds(table)
    ConversionShare.objects.filter(table=table, state=ShareState.PARKED).update(state=ShareState.OPEN, reason="")
    if ConversionShare.objects.filter(table=table).exists():
        return
    with batch_transaction(5_000) as db, batch_role(db):
        make = STRATEGIES[choice.strategy]
        bounds = [b for r in relations for b in make(r).split(db, count_parts(r.pages))]
    table.bound = {str(b["oid"]): b.get("upto") or b["until"] for b in bounds}
    table.rows_estimate = sum(r.rows_guessed for r in relations)
    with transaction.atomic():
        make_shares(table, bounds)
        _save(table, "bound", "rows_estimate")


def finish_fill(table: ConversionTable, settings: FillSettings) -> Iterator[Event]:
    """Sweep once more, or decide that the table is filled; what is left of it is quarantined or stops it."""
    if table.strategy != CHECK:
        if not has_swept(table):
            hold_to_organizations(table, lock_ms=settings.lock_ms)
        _open_newcomers(table, settings)
        apply_decisions(table, lock_ms=settings.lock_ms)
        if start_round(table):
            return
        seen = look_at_rows(table)
        if may_name_erased(table) and (gone := find_erased(table, seen.orgs)):
            yield forget_erased(table, gone, lock_ms=settings.lock_ms)
            start_round(table, anyway=True)
            return
        yield from _report_kept(table)
        if trouble := _describe_trouble(table, seen):
            yield from park_table(table, trouble, RUN, settings)
            return
    close_table(table, lock_ms=settings.lock_ms)
    table.fill_finished_at = timezone.now()
    table.state, table.reason = TableState.DONE, ""
    _save(table, "fill_finished_at", "state", "reason")
    reach_phase(table, Phase.FILL)
    table.refresh_from_db()
    waiting = table.quarantined.filter(applied_at=None).count()
    note = f"{table.rows_changed:,} rows written" if table.strategy != CHECK else "no row written, the constant holds"
    yield Finished(table.name, Phase.FILL, note + (f", {waiting:,} in quarantine: {QUARANTINE}" if waiting else ""))


def _report_kept(table: ConversionTable) -> Iterator[Event]:
    if table.changes.filter(kind="kept_column", undone_at=None).exists():
        other = count_disagreeing(table)
        if other:
            yield Said(table.name, f"{other:,} rows keep an org_id from before that is not the one they derive")


def _describe_trouble(table: ConversionTable, seen: Seen) -> str:
    left = set_aside(table, seen.unfilled)
    parked = ConversionShare.objects.filter(table=table, state=ShareState.PARKED)
    if parked.exists():
        return f"{parked.count()} ranges of rows could not be written, the first because: {parked[0].reason}"
    return left.describe_stop() if left.stopped else ""


def park_table(table: ConversionTable, reason: str, remedy: str, settings: FillSettings) -> Iterator[Event]:
    """Leave a table to a person, with everything put back that was changed for the time of its fill."""
    close_table(table, lock_ms=settings.lock_ms)
    table.state, table.reason = TableState.PARKED, reason
    _save(table, "state", "reason")
    yield Parked(table.name, reason, remedy)


def _save(table: ConversionTable, *fields: str) -> None:
    with transaction.atomic():
        table.save(update_fields=[*fields, "updated_at"])
