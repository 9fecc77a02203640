"""Carrying a plan out, phase by phase: the one place that knows their order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.db import DatabaseError

from tenants.backfill.changes import LocksNotHad, undo_temporary
from tenants.backfill.coordinator import coordinate
from tenants.backfill.events import Event, Said
from tenants.backfill.fill.run import fill_tables
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.kept import note_kept_rows
from tenants.backfill.people.mapping import map_people
from tenants.backfill.phases.column import run_column
from tenants.backfill.phases.constrain import run_constrain
from tenants.backfill.phases.reaching import choose_tables
from tenants.backfill.plan.model import Plan
from tenants.models import Conversion, Phase

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
        yield from _repair(conversion, options)
        yield from _until_stopped(map_people(conversion, plan), options)
        yield from _add_columns(conversion, plan, options)
        if options.includes(Phase.FILL):
            note_kept_rows(conversion, lock_ms=options.lock_ms)
            _refuse_stopped(conversion, options)
            start_workers()
            yield from fill_tables(conversion, options.settings, only=options.only)
            _refuse_stopped(conversion, options)
        if options.includes(Phase.CONSTRAIN):
            events = run_constrain(conversion, plan, lock_ms=options.lock_ms, only=options.only)
            yield from _until_stopped(events, options)


@contextmanager
def leading(conversion: Conversion, options: RunOptions) -> Iterator[None]:
    """Lead alone, and leave nothing behind that was meant for the time of the work only."""
    with coordinate(conversion, plan_file=options.plan_file):
        try:
            yield
        except BaseException:
            # Why it ends is what has to be told; what could not be put back now is put back by the next run.
            with suppress(DatabaseError, LocksNotHad):
                undo_temporary(conversion, lock_ms=options.lock_ms)
            raise
        undo_temporary(conversion, lock_ms=options.lock_ms)


def _repair(conversion: Conversion, options: RunOptions) -> Iterator[Event]:
    left = conversion.changes.filter(temporary=True, undone_at=None).count()
    if left:
        undo_temporary(conversion, lock_ms=options.lock_ms)
        yield Said("", f"put back {left} settings and triggers that an interrupted run had left changed")


def _add_columns(conversion: Conversion, plan: Plan, options: RunOptions) -> Iterator[Event]:
    for table in choose_tables(conversion, options.only):
        _refuse_stopped(conversion, options)
        yield from run_column(table, plan, lock_ms=options.lock_ms)


def _until_stopped(events: Iterator[Event], options: RunOptions) -> Iterator[Event]:
    """Between two steps of a phase that knows no batches."""
    for event in events:
        yield event
        if options.settings.should_stop():
            raise Stopped(AS_ASKED)


def _refuse_stopped(conversion: Conversion, options: RunOptions) -> None:
    conversion.refresh_from_db(fields=["paused_at", "pause_reason"])
    if conversion.paused_at:
        reason = f": {conversion.pause_reason}" if conversion.pause_reason else ""
        raise Stopped(
            f"Conversion {conversion.number} is paused{reason}."
            f" Next: manage.py backfill_org_ids resume --run {conversion.number}"
        )
    if options.settings.should_stop():
        raise Stopped(AS_ASKED)
