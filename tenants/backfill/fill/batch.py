"""One batch of a share: fence, rows and cursor in one transaction; retried, halved, and parked in the end."""

import re
import time
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction
from psycopg.errors import InsufficientPrivilege, UndefinedColumn, UndefinedFunction, UndefinedTable

from tenants.backfill.derive.expression import Decisions
from tenants.backfill.fill.errors import ColumnsChanged, FillError
from tenants.backfill.fill.relations import Relation
from tenants.backfill.fill.sessions import batch_transaction, join_by_hash, set_bounds
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.fill.shares import (
    Progress,
    Share,
    close_batch,
    fence_share,
    open_batch,
    park_rows,
    save_share,
)
from tenants.backfill.fill.statements import fill_rows, hashes_lookup
from tenants.backfill.fill.steps import Step, Strategy
from tenants.backfill.fill.throttle import find_table_lock
from tenants.backfill.pace import Pace
from tenants.backfill.retry import Patience, PatienceError, is_retryable, run_with_retry
from tenants.models import ConversionShare, ShareState

# A lock that stays is halved around, so each size needs less patience than a whole job.
PATIENCE = Patience(attempts=6)
# Past so many, it is not a row that is wrong but the table: the rest of the share is set aside as a whole.
MOST_PARKED = 50
# What no smaller batch would mend: a right that is gone, a table that is.
NOT_OF_ROWS = (InsufficientPrivilege, UndefinedTable, UndefinedColumn, UndefinedFunction)
# Nor a server in trouble: no room or memory, a cancel, a disk that fails. A quota or a file system's limit is XX000.
TROUBLE = re.compile("53|57|58|XX000")
# So many batches after a failure go without passes.
CAREFUL_BATCHES = 20
# One finds the end of the batch, one updates it; the rest of a batch takes as long for one row as for thousands.
STATEMENTS_OF_ROWS = 2


@dataclass(frozen=True)
class Done:
    """What a batch came to."""

    passed: int = 0
    changed: int = 0
    seconds: float = 0.0
    finished: bool = False
    paused: bool = False
    blocked: str = ""
    """Who holds the whole table."""
    parked: str = ""
    """Why rows were set aside in this batch."""


class ShareRun:
    """A share on its way through the hands of this process."""

    def __init__(self, share: Share, relation: Relation, strategy: Strategy, decisions: Decisions) -> None:
        self.share = share
        self.relation = relation
        self.strategy = strategy
        self.decisions = decisions
        self.drifted = bool(share.bounds.get("drifted"))
        self.again = bool(share.bounds.get("round"))
        self.step: Step | None = None
        self.failure = ""
        self.caution = 0
        self.hashes = hashes_lookup(decisions)
        self.without_passes = False
        """Set while an old snapshot makes passes worthless."""

    def run_batch(self, settings: FillSettings, pace: Pace) -> Done:
        """Run the next batch to its commit, whatever it takes; what cannot be filled is set aside."""
        while True:
            try:
                return run_with_retry(
                    lambda: self._attempt(settings, pace), patience=PATIENCE, on_failure=lambda: self._shrink(pace)
                )
            except PatienceError as error:
                self._remember(error.__cause__ or error)
                if blocker := find_table_lock(self.relation.oid):
                    return Done(blocked=blocker)
            except (DatabaseError, ColumnsChanged) as error:
                if not is_row_failure(error):
                    raise
                self._remember(error)
                self._shrink(pace)
            if self.step is None:
                raise FillError(f"The rows of {self.relation.label} could not be looked up: {self.failure}")
            if self.step.single:
                return self._park(self.step, settings, pace)

    def _attempt(self, settings: FillSettings, pace: Pace) -> Done:
        self.step, started = None, time.monotonic()
        self.strategy.careful = self.caution > 0 or self.without_passes
        with transaction.atomic(durable=True), connection.cursor() as db:
            asked = time.monotonic()
            joins = [join_by_hash()] if self.hashes else []
            paused, role = open_batch(db, self.share, set_bounds(settings.lock_ms), *joins)
            if paused:
                return Done(paused=True)
            begun = time.monotonic()
            step = self.step = self.strategy.next_step(db, self.share.bounds, self.share.cursor, pace.size)
            changed = fill_rows(db, self.relation, step, self.decisions, drifted=self.drifted) if step else 0
            of_rows = time.monotonic() - begun - STATEMENTS_OF_ROWS * (begun - asked)
            passed = step.passed if step else 0
            self.share.cursor = step.cursor if step else self.share.cursor
            state = ShareState.TAKEN if step else ShareState.DONE
            close_batch(db, self.share, Progress(passed, changed, pace.size, state, settings.lease_seconds), role)
        seconds = time.monotonic() - started
        self.caution = max(0, self.caution - 1)
        if step and step.steers:
            pace.learn_from_batch(None, seconds, fixed=seconds - max(of_rows, 0.0))
        return Done(passed, changed, seconds, finished=step is None)

    def _shrink(self, pace: Pace) -> None:
        """Go on carefully: no passes, and half as many rows."""
        self.caution = CAREFUL_BATCHES
        pace.halve()

    def _remember(self, error: BaseException) -> None:
        lines = str(error).strip().splitlines()
        self.failure = lines[0] if lines else type(error).__name__

    def _park(self, step: Step, settings: FillSettings, pace: Pace) -> Done:
        with batch_transaction(settings.lock_ms) as db:
            fence_share(db, self.share)
            parked = ConversionShare.objects.filter(table_id=self.share.table_id, state=ShareState.PARKED).count()
            everything = parked >= MOST_PARKED
            bounds = {**self.share.bounds, **_rest_of(self.share.bounds, step.bounds)} if everything else step.bounds
            reason = f"{step.describe}: {self.failure}"
            park_rows(self.share, bounds, reason)
            self.share.cursor = step.cursor
            passed = 0 if everything else step.passed
            state = ShareState.DONE if everything else ShareState.TAKEN
            save_share(db, self.share, Progress(passed, 0, pace.size, state, settings.lease_seconds))
        return Done(step.passed, finished=everything, parked=reason)


def is_row_failure(error: BaseException) -> bool:
    """Tell what the rows of a batch caused from what no smaller batch would mend: a lost session, a cancel."""
    if is_retryable(error) or isinstance(error, ColumnsChanged):
        return True
    cause = error.__cause__
    lost = connection.connection is None or connection.connection.closed
    return not lost and not isinstance(cause, NOT_OF_ROWS) and not TROUBLE.match(getattr(cause, "sqlstate", None) or "")


def _rest_of(share: dict[str, object], step: dict[str, object]) -> dict[str, object]:
    """From where the step begins to where the share ends."""
    return {name: step[name] for name in ("from", "after") if name in share}
