"""`rollback`: everything a conversion changed beyond a phase is taken back, newest first, from wherever it stands."""

from collections.abc import Generator

from django.db import transaction
from django.utils import timezone

from tenants.backfill.changes import find_changes, undo_change, undo_temporary
from tenants.backfill.events import Event, Finished, Said, Started
from tenants.backfill.fill.emptying import empty_again
from tenants.backfill.kept import KEPT, NOTED
from tenants.backfill.phases.record import record_again
from tenants.models import (
    Conversion,
    ConversionChange,
    ConversionShare,
    ConversionState,
    ConversionTable,
    Phase,
    QuarantinedRow,
    TableState,
)
from tenants.scope import owner_scope

JOB = "backfill_org_ids"


def roll_back(conversion: Conversion, *, to: Phase, lock_ms: int) -> Generator[Event, None, None]:
    """Take back what stands above a phase; interrupted, the same call goes on."""
    undo_temporary(conversion, lock_ms=lock_ms)
    for change in list(find_changes(conversion, down_to=to)):
        name = change.table.name if change.table else ""
        yield Started(name, "rollback", f"{change.kind} {change.name}")
        _lower(change)
        if change.kind == NOTED and change.table:
            yield from empty_again(change.table, lock_ms=lock_ms)
        undo_change(change, lock_ms=lock_ms)
        if change.kind == KEPT:
            yield Said(name, "had an org_id before: the column stays")
    beyond = Phase.values[Phase.values.index(to) + 1 :]
    for table in ConversionTable.objects.filter(conversion=conversion, phase__in=beyond).order_by("-position"):
        _set_back(table, to)
        yield Finished(table.name, "rollback", f"back at {to}")
    for table in ConversionTable.objects.filter(conversion=conversion, guarded__isnull=False):
        # What its guard left is other than what a later phase did.
        record_again(table)
    _close(conversion, to)


def _lower(change: ConversionChange) -> None:
    """Before a phase loses its first change: killed here, a `run` has to begin that phase again."""
    if change.table is None:
        return
    table = ConversionTable.objects.get(pk=change.table_id)
    below = Phase(Phase.values[Phase.values.index(change.phase) - 1])
    if Phase.values.index(table.phase) > Phase.values.index(below):
        _set_back(table, below)


def _set_back(table: ConversionTable, to: Phase) -> None:
    """What the table had reached, and for a fill that has to begin again its shares and counts."""
    with transaction.atomic(), owner_scope(JOB, f"rollback to {to}"):
        table.phase, table.state, table.reason = to, TableState.WAITING, ""
        if to in (Phase.START, Phase.COLUMN):
            ConversionShare.objects.filter(table=table).delete()
            QuarantinedRow.objects.filter(table=table).delete()
            table.strategy = table.strategy_reason = ""
            table.bound = table.fill_started_at = table.fill_finished_at = None
            table.rows_passed = table.rows_changed = 0
        if Phase.values.index(to) < Phase.values.index(Phase.GUARD):
            table.guarded = None
        table.save()


def _close(conversion: Conversion, to: Phase) -> None:
    """A conversion of which nothing is left is over; one that was released is open again."""
    left = ConversionChange.objects.filter(conversion=conversion, undone_at=None).exists()
    with transaction.atomic(), owner_scope(JOB, f"rollback to {to}"):
        if to == Phase.START and not left:
            conversion.state, conversion.finished_at = ConversionState.UNDONE, timezone.now()
        else:
            conversion.state, conversion.finished_at = ConversionState.OPEN, None
        conversion.save()
