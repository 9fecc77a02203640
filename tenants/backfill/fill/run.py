"""Filling the tables of a conversion: the process that leads, and those that join it."""

import time
from collections.abc import Iterator

from tenants.backfill.coordinator import find_coordinator
from tenants.backfill.events import Event, Parked
from tenants.backfill.fill.crew import Worker, at_work, count_live
from tenants.backfill.fill.hands import LOOK_AGAIN, Hands
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.fill.shares import claim_share
from tenants.backfill.fill.tables import RUN, finish_fill, start_fill
from tenants.backfill.phases.reaching import choose_tables, has_reached
from tenants.models import Conversion, ConversionShare, ConversionTable, Phase, ShareState, TableState


def fill_tables(conversion: Conversion, settings: FillSettings, *, only: tuple[str, ...] = ()) -> Iterator[Event]:
    """Lead: start tables whose parents are done, fill beside those who joined, sweep, and finish each table."""
    with at_work(conversion) as worker:
        yield from Lead(conversion, settings, worker, only).run()


def work_shares(conversion: Conversion, settings: FillSettings) -> Iterator[Event]:
    """Join: fill shares for as long as somebody leads."""
    with at_work(conversion) as worker:
        hands = Hands(settings, worker)
        while not hands.stopped:
            share = claim_share(conversion.pk, worker=worker.name, lease_seconds=settings.lease_seconds)
            if share:
                yield from hands.work(share)
                continue
            if not find_coordinator(conversion) or is_paused(conversion):
                return
            worker.tell("waits for shares")
            time.sleep(LOOK_AGAIN)


def sweep_table(table: ConversionTable, settings: FillSettings) -> Iterator[Event]:
    """Look at every row once more, alone: before guard, for children whose parent has changed since."""
    with at_work(table.conversion) as worker:
        lead = Lead(table.conversion, settings, worker, (table.name,))
        yield from lead.sweep(table)


def is_paused(conversion: Conversion) -> bool:
    """Whether somebody has asked everybody to stop."""
    return Conversion.objects.filter(pk=conversion.pk, paused_at__isnull=False).exists()


class Lead:
    """The process that opens and closes tables, and has hands of its own."""

    def __init__(self, conversion: Conversion, settings: FillSettings, worker: Worker, only: tuple[str, ...]) -> None:
        self.conversion = conversion
        self.settings = settings
        self.worker = worker
        self.hands = Hands(settings, worker)
        self.tables = [t for t in choose_tables(conversion, only) if t.phase == Phase.COLUMN]
        self.started: set[object] = set()

    def run(self) -> Iterator[Event]:
        """Work until every table is filled or parked, or somebody says stop."""
        self._close_interrupted()
        while not self.hands.stopped and not is_paused(self.conversion):
            yield from self._start_tables()
            share = claim_share(self.conversion.pk, worker=self.worker.name, lease_seconds=self.settings.lease_seconds)
            if share:
                yield from self.hands.work(share)
                continue
            open_tables = self._find_open()
            if not open_tables:
                if self._find_startable():
                    continue
                break
            yield from self._finish_tables(open_tables)
        yield from self._tell_waiting()

    def sweep(self, table: ConversionTable) -> Iterator[Event]:
        """Start the table anew and work until it is finished."""
        self.tables = [table]
        yield from self.run()

    def _close_interrupted(self) -> None:
        """Of a killed run or sweep: nobody may take shares of a table that is not open to the batches yet."""
        left = ConversionTable.objects.filter(
            conversion=self.conversion, state__in=[TableState.WORKING, TableState.HELD]
        )
        left.filter(phase=Phase.COLUMN).update(state=TableState.WAITING)
        left.exclude(phase=Phase.COLUMN).update(state=TableState.DONE)

    def _start_tables(self) -> Iterator[Event]:
        """As many at once as there are workers: two in one table are in each other's way."""
        room = max(1, count_live(self.conversion)) - len(self._find_open())
        for table in self._find_startable()[: max(0, room)]:
            self.started.add(table.pk)
            yield from start_fill(table, self.settings)

    def _find_startable(self) -> list[ConversionTable]:
        unfilled = {t.oid for t in self.tables if not has_reached(t, Phase.FILL)}
        return [t for t in self.tables if t.pk not in self.started and _parent_oid(t) not in unfilled - {t.oid}]

    def _find_open(self) -> list[ConversionTable]:
        return [t for t in self.tables if t.pk in self.started and t.state == TableState.WORKING]

    def _finish_tables(self, tables: list[ConversionTable]) -> Iterator[Event]:
        for table in tables:
            left = ConversionShare.objects.filter(table=table, state__in=[ShareState.OPEN, ShareState.TAKEN])
            if not left.exists():
                table.refresh_from_db()
                yield from finish_fill(table, self.settings)
                return
        # Others have the last shares.
        self.worker.tell("waits for the others")
        time.sleep(LOOK_AGAIN)

    def _tell_waiting(self) -> Iterator[Event]:
        """A table whose parent is parked waits with it."""
        if self.hands.stopped or is_paused(self.conversion):
            return
        for table in self.tables:
            if table.pk not in self.started:
                yield Parked(table.name, "its parent is not filled; what it waits for is said there", RUN)


def _parent_oid(table: ConversionTable) -> int | None:
    parent = (table.decisions.get("resolved") or {}).get("parent")
    return parent["oid"] if parent else None
