"""A worker's hands: one share after another, batch by batch, standing aside where the throttle says so."""

import time
from collections.abc import Iterator

from django.db import connection
from django.db.models import Sum

from tenants.backfill.derive.expression import read_decisions
from tenants.backfill.events import Batch, Event, Held, Said
from tenants.backfill.fill.batch import Done, ShareRun
from tenants.backfill.fill.choose import HOT, STRATEGIES, way_without_passes
from tenants.backfill.fill.crew import Worker
from tenants.backfill.fill.errors import LeaseLost
from tenants.backfill.fill.relations import Relation, read_relations
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.fill.shares import Share, forget_lock, release_share, renew_lease
from tenants.backfill.fill.steps import Strategy
from tenants.backfill.fill.throttle import Throttle
from tenants.backfill.pace import Pace
from tenants.models import Conversion, ConversionShare, ConversionTable, ShareState

FIRST_ROWS = 500
LOOK_AGAIN = 0.2
COUNT_EVERY = 1.0


class Hands:
    """Works on shares for one process, and remembers what it knows of the tables."""

    def __init__(self, settings: FillSettings, worker: Worker) -> None:
        self.settings = settings
        self.worker = worker
        self.meters: dict[object, Meter] = {}
        self.throttles: dict[int, Throttle] = {}
        self.paces: dict[tuple[object, bool], Pace] = {}
        self.paused = False

    @property
    def stopped(self) -> bool:
        return self.paused or self.settings.should_stop()

    def work(self, share: Share) -> Iterator[Event]:
        """Fill a share to its end, or give it back when asked to stop."""
        table = ConversionTable.objects.select_related("conversion").get(pk=share.table_id)
        relation = find_relation(table, share.bounds["oid"])
        if relation is None:
            # A partition that was dropped meanwhile.
            ConversionShare.objects.filter(pk=share.id, token=share.token).update(state=ShareState.DONE)
            forget_lock(share)
            return
        run = ShareRun(share, relation, choose_way(table, share, relation), read_decisions(table))
        try:
            yield from self._run_batches(table, run, self._find_pace(share))
        except LeaseLost as lost:
            yield Said(table.name, str(lost))
            forget_lock(share)
        except GeneratorExit:
            release_share(share)
            raise

    def _run_batches(self, table: ConversionTable, run: ShareRun, pace: Pace) -> Iterator[Event]:
        meter = self.meters.setdefault(table.pk, Meter(table))
        held = ""
        while not self.stopped:
            if reason := self._find_reason(table, run):
                if reason.split(";")[0] != held:
                    held = reason.split(";")[0]
                    yield Held(table.name, reason)
                self._wait(table, run.share, reason)
                continue
            if held:
                held = ""
                yield Held(table.name, "")
            done = run.run_batch(self.settings, pace)
            self.paused = done.paused
            if done.blocked:
                held = done.blocked
                yield Held(table.name, held)
                self._wait(table, run.share, held)
                continue
            self.worker.tell(f"{table.name}, share {run.share.number}")
            if done.parked:
                yield Said(table.name, f"set aside: {done.parked}; the sweep looks at these rows once more")
            yield meter.record(done, again=run.again)
            if done.finished:
                forget_lock(run.share)
                return
        release_share(run.share)

    def _find_pace(self, share: Share) -> Pace:
        """What was learned in the last share of its kind serves the next one."""
        kind = (share.table_id, bool(share.bounds.get("round")))
        return self.paces.setdefault(kind, Pace(self.settings.batch_ms, share.batch_size or FIRST_ROWS))

    def _find_reason(self, table: ConversionTable, run: ShareRun) -> str:
        oid = run.relation.oid
        passes = table.strategy == HOT and not run.share.bounds.get("round")
        throttle = self.throttles.setdefault(oid, Throttle(self.settings.limits, passes=passes))
        reason = throttle.find_reason(oid)
        run.without_passes = bool(throttle.stubborn)
        return reason

    def _wait(self, table: ConversionTable, share: Share, reason: str) -> None:
        renew_lease(share, self.settings.lease_seconds)
        self.worker.tell(f"{table.name}, share {share.number}", reason)
        time.sleep(LOOK_AGAIN)
        # No batch looks for a pause meanwhile.
        self.paused = Conversion.objects.filter(pk=table.conversion_id, paused_at__isnull=False).exists()


class Meter:
    """How far a table is, by everybody's work, and how fast; counted once a second."""

    def __init__(self, table: ConversionTable) -> None:
        self.table = table
        self.counted = 0.0
        self.passed = self.changed = self.seen_again = 0
        self._count()
        self.before, self.began = self.passed, time.monotonic()

    def record(self, done: Done, *, again: bool) -> Batch:
        """A batch of ours, beside what others did; a sweep sees rows `again`, which have passed already."""
        self.seen_again += done.passed if again else 0
        self.passed += 0 if again else done.passed
        self.changed += done.changed
        if time.monotonic() - self.counted > COUNT_EVERY or done.finished:
            self._count()
        rate = max(0.0, self.passed + self.seen_again - self.before) / max(time.monotonic() - self.began, 1e-6)
        left = max(0, self.table.rows_estimate - self.passed)
        return Batch(
            self.table.name,
            rows_passed=self.passed,
            rows_total=max(self.table.rows_estimate, self.passed),
            batch_rows=done.changed,
            milliseconds=round(done.seconds * 1000),
            rate=rate,
            seconds_left=left / rate if rate and not again else None,
        )

    def _count(self) -> None:
        mine = ConversionShare.objects.filter(table=self.table)
        first = mine.exclude(bounds__has_key="round").aggregate(passed=Sum("rows_passed"))
        self.passed = first["passed"] or 0
        self.changed = mine.aggregate(changed=Sum("rows_changed"))["changed"] or 0
        self.counted = time.monotonic()
        self.table.rows_passed, self.table.rows_changed = self.passed, self.changed
        ConversionTable.objects.filter(pk=self.table.pk).update(rows_passed=self.passed, rows_changed=self.changed)


def find_relation(table: ConversionTable, oid: int) -> Relation | None:
    """A relation of the table as it is now."""
    with connection.cursor() as db:
        return next((r for r in read_relations(db, table.oid) if r.oid == oid), None)


def choose_way(table: ConversionTable, share: Share, relation: Relation) -> Strategy:
    """A share is walked in the words it was cut in."""
    if share.bounds.get("round") or table.strategy not in STRATEGIES:
        return way_without_passes(relation)
    return STRATEGIES[table.strategy](relation)
