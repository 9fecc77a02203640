"""Carrying a plan out, phase by phase: the one place that knows their order."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.db import DatabaseError, transaction

from tenants.backfill.changes import LocksNotHad, undo_change, undo_temporary
from tenants.backfill.coordinator import coordinate
from tenants.backfill.events import Event, Parked, Said
from tenants.backfill.fill.following import follow_parents
from tenants.backfill.fill.run import fill_tables
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.kept import note_kept_rows
from tenants.backfill.people.mapping import map_people
from tenants.backfill.phases.column import run_column
from tenants.backfill.phases.constrain import lacks_orgs, run_constrain
from tenants.backfill.phases.guard import run_guard
from tenants.backfill.phases.reaching import choose_tables
from tenants.backfill.plan.model import Plan
from tenants.models import Conversion, ConversionTable, Phase, TableState

AS_ASKED = "Stopped after the current batch, as asked; nothing is lost."
UNTIL = (Phase.COLUMN, Phase.FILL, Phase.CONSTRAIN)


@dataclass(frozen=True)
class RunOptions:
    """How far to go, with which tables and how gently."""

    settings: FillSettings
    only: tuple[str, ...] = ()
    until: Phase = Phase.CONSTRAIN
    plan_file: str = "PLAN"

    @property
    def lock_ms(self) -> int:
        return self.settings.lock_ms

    def includes(self, phase: Phase) -> bool:
        return UNTIL.index(phase) <= UNTIL.index(self.until)


class Stopped(RuntimeError):
    """Asked to stop or paused: what is committed stays, the same command goes on."""


def run_conversion(
    conversion: Conversion, plan: Plan, options: RunOptions, *, start_workers: Callable[[], None] = lambda: None
) -> Iterator[Event]:
    """Do what is left to do, from wherever the last process got to."""
    with leading(conversion, options):
        _refuse_stopped(conversion, options)
        if options.includes(Phase.FILL):
            _take_up_waiting(conversion, options)
        yield from _repair(conversion, options)
        yield from _until_stopped(map_people(conversion, plan), options)
        yield from _add_columns(conversion, plan, options)
        note_kept_rows(conversion, lock_ms=options.lock_ms)
        if options.includes(Phase.FILL):
            _refuse_stopped(conversion, options)
            start_workers()
            parked = yield from _fill(conversion, options)
            _refuse_stopped(conversion, options)
        if options.includes(Phase.CONSTRAIN) and not parked:
            events = run_constrain(conversion, plan, lock_ms=options.lock_ms, only=options.only)
            yield from _until_stopped(events, options)
        if options.includes(Phase.FILL) and not parked:
            # Under traffic rows move at any time: here the next run looks again, and the guard for good.
            yield from _until_stopped(follow_parents(conversion, options.settings, only=options.only), options)


def guard_conversion(
    conversion: Conversion, plan: Plan, *, lock_ms: int, only: tuple[str, ...] = ()
) -> Iterator[Event]:
    """Guard parents before children, which follow them a last time in between: from there on nothing moves."""
    _refuse_paused(conversion)
    with leaving_as_found(conversion, lock_ms=lock_ms):
        yield from run_guard(conversion, plan, lock_ms=lock_ms, only=only)


@contextmanager
def leading(conversion: Conversion, options: RunOptions) -> Iterator[None]:
    """Lead alone, and leave nothing behind that was meant for the time of the work only."""
    with coordinate(conversion, plan_file=options.plan_file), leaving_as_found(conversion, lock_ms=options.lock_ms):
        yield


@contextmanager
def leaving_as_found(conversion: Conversion, *, lock_ms: int) -> Iterator[None]:
    """Put back what was changed for the time of the work, however it ends."""
    try:
        yield
    except BaseException:
        # Why it ends is what has to be told; what could not be put back now is put back by the next run.
        with suppress(DatabaseError, LocksNotHad):
            undo_temporary(conversion, lock_ms=lock_ms)
        raise
    undo_temporary(conversion, lock_ms=lock_ms)


def _repair(conversion: Conversion, options: RunOptions) -> Iterator[Event]:
    """What this run will fill stays open: processes that joined the one before may be at work on it."""
    wanted = [t.pk for t in choose_tables(conversion, options.only) if t.phase == Phase.COLUMN]
    found = conversion.changes.filter(temporary=True, undone_at=None)
    left = list(found.exclude(table__in=wanted) if options.includes(Phase.FILL) else found)
    for change in sorted(left, key=lambda change: change.made_at, reverse=True):
        undo_change(change, lock_ms=options.lock_ms)
    if left:
        yield Said("", f"put back {len(left)} settings and triggers that an interrupted run had left changed")


def _take_up_waiting(conversion: Conversion, options: RunOptions) -> None:
    """Fill tables with rows that wait once more: decided since, or written past the fill (by somebody without
    organization, in a partition that was attached)."""
    for table in choose_tables(conversion, options.only):
        if table.phase == Phase.FILL and _waits(table, options):
            table.phase, table.state = Phase.COLUMN, TableState.WAITING
            with transaction.atomic():
                table.save(update_fields=["phase", "state", "updated_at"])


def _waits(table: ConversionTable, options: RunOptions) -> bool:
    return table.quarantined.filter(applied_at=None).exists() or lacks_orgs(table, lock_ms=options.lock_ms)


def _add_columns(conversion: Conversion, plan: Plan, options: RunOptions) -> Iterator[Event]:
    for table in choose_tables(conversion, options.only):
        _refuse_stopped(conversion, options)
        yield from run_column(table, plan, lock_ms=options.lock_ms)


def _fill(conversion: Conversion, options: RunOptions) -> Generator[Event, None, bool]:
    """Whether something waits for a person: what it is has been said, and nothing after it would add to that."""
    parked = False
    for event in fill_tables(conversion, options.settings, only=options.only):
        parked |= isinstance(event, Parked)
        yield event
    return parked


def _until_stopped(events: Iterator[Event], options: RunOptions) -> Iterator[Event]:
    """Between two steps of a phase that knows no batches."""
    for event in events:
        yield event
        if options.settings.should_stop():
            raise Stopped(AS_ASKED)


def _refuse_stopped(conversion: Conversion, options: RunOptions) -> None:
    _refuse_paused(conversion)
    if options.settings.should_stop():
        raise Stopped(AS_ASKED)


def _refuse_paused(conversion: Conversion) -> None:
    conversion.refresh_from_db(fields=["paused_at", "pause_reason"])
    if conversion.paused_at:
        reason = f": {conversion.pause_reason}" if conversion.pause_reason else ""
        raise Stopped(
            f"Conversion {conversion.number} is paused{reason}."
            f" Next: manage.py backfill_org_ids resume --run {conversion.number}"
        )
