"""The primitive under data migrations and conversions: many rows, short transactions, resumable."""

import time
from collections.abc import Callable, Generator
from typing import TypeVar

from django.db import connection, transaction

from postgres.errors import first_line
from tenants.backfill.errors import BatchLockError, BatchSetupError
from tenants.backfill.jobs import TURN_MS, claim_job, forget_job, register_job, save_job, set_lock_timeout
from tenants.backfill.keyset import Keyset
from tenants.backfill.pace import FIRST_SIZE, Pace
from tenants.backfill.progress import Meter, Progress
from tenants.backfill.ranges import Apply, EstimatesRows, NextRange, Range
from tenants.backfill.retry import Patience, PatienceError, run_with_retry

__all__ = ["BatchLockError", "BatchSetupError", "Keyset", "Progress", "Range", "forget_job", "run_batches"]

Result = TypeVar("Result")
PATIENCE = Patience()
OPEN_TRANSACTIONS = "select pid, state, xact_start, query from pg_stat_activity where xact_start < now()"


def run_batches(
    job: str, *, next_range: NextRange, apply: Apply, batch_ms: int, lock_ms: int
) -> Generator[Progress, None, None]:
    """Change rows range by range; each batch is one transaction that also saves the job's cursor.

    Nothing happens until the result is iterated; to close it between two batches stops the job cleanly. The
    same job name goes on where it stopped, also after a kill; a finished job does nothing until `forget_job`.
    Processes that run one job at once take turns. `batch_ms` is the target for a whole transaction,
    `lock_ms` the longest wait for a lock in it.
    """
    if not job:
        raise BatchSetupError("A batch job needs a name: the one to find it by after an interruption.")
    if batch_ms < 1 or lock_ms < 1:
        raise BatchSetupError(f'Batch job "{job}" needs batch_ms and lock_ms of 1 or more: 0 sets no bound.')
    _refuse_open_transaction(job)
    return _BatchRun(job, next_range, apply, batch_ms, lock_ms).yield_batches()


class _BatchRun:
    """One process's share of a job."""

    def __init__(self, job: str, next_range: NextRange, apply: Apply, batch_ms: int, lock_ms: int) -> None:
        self.job = job
        self.next_range = next_range
        self.apply = apply
        self.lock_ms = lock_ms
        self.pace = Pace(batch_ms)
        self.meter = Meter(job, None)
        self.step, self.wait_ms = "joining the job", TURN_MS
        self.range: Range | None = None

    def yield_batches(self) -> Generator[Progress, None, None]:
        """Run batches until nothing is left, another process has finished the job, or the caller closes."""
        self._run_transaction(self._join_job)
        while (progress := self._run_transaction(self._run_batch)) is not None:
            yield progress
            if progress.finished:
                return

    def _join_job(self) -> None:
        with transaction.atomic(durable=True), connection.cursor() as db:
            register_job(db, self.job, first_size=FIRST_SIZE)
            state = claim_job(db, self.job)
            set_lock_timeout(db, self.lock_ms)
            self.pace.size = state.batch_size
            if not state.finished and isinstance(self.next_range, EstimatesRows):
                self.meter = Meter(self.job, self.next_range.estimate_rows(db, state.position))

    def _run_batch(self) -> Progress | None:
        self.step, self.wait_ms, self.range = "waiting for its other process", TURN_MS, None
        size = self.pace.size
        with transaction.atomic(durable=True), connection.cursor() as db:
            state = claim_job(db, self.job)
            if state.finished:
                return None
            # The wait for one's turn is not the batch's own time, and holds nothing that others want.
            started = time.monotonic()
            set_lock_timeout(db, self.lock_ms)
            self.step, self.wait_ms = f"looking for the range after {state.position}", self.lock_ms
            found = self.range = self.next_range(db, state.position, size)
            self.step = f"changing the range {found}"
            batch_rows = 0 if found is None else self.apply(db, found)
            finished = found is None or found.last
            position = state.position if found is None else found.upto
            rows = save_job(db, self.job, position=position, batch_rows=batch_rows, batch_size=size, finished=finished)
        self.pace.learn_from_batch(found.seen if found else 0, time.monotonic() - started)
        return self.meter.record_batch(found, rows=rows, batch_rows=batch_rows, batch_size=size, finished=finished)

    def _run_transaction(self, attempt: Callable[[], Result]) -> Result:
        _refuse_open_transaction(self.job)
        try:
            return run_with_retry(attempt, patience=PATIENCE, on_failure=self._yield_way)
        except PatienceError as lost:
            raise BatchLockError(self._describe_giving_up(lost.__cause__ or lost)) from lost.__cause__
        except Exception as error:
            error.add_note(f'Batch job "{self.job}", {self.step}: rolled back; the batches before are saved.')
            raise

    def _yield_way(self) -> None:
        if self.range is not None:
            self.pace.halve()

    def _describe_giving_up(self, error: BaseException) -> str:
        return (
            f'Batch job "{self.job}" gave up while {self.step}: it tried {PATIENCE.attempts} times, waiting '
            f"at most {self.wait_ms} ms for a lock, and last met: {first_line(error)}. Nothing of "
            "this batch was kept, everything before it is saved. See whose transaction is in the way with "
            f"`{OPEN_TRANSACTIONS}`, let it end, then run the same command again: it goes on here."
        )


def _refuse_open_transaction(job: str) -> None:
    """Refuse to run where a batch could not commit on its own."""
    if connection.in_atomic_block or not connection.get_autocommit():
        raise BatchSetupError(
            f'Batch job "{job}" cannot run inside a transaction: each batch commits on its own. '
            "In a migration set `atomic = False` on the class; elsewhere leave the atomic block first."
        )
