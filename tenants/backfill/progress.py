"""What a batch job tells its caller after each batch, and the meter that reckons it."""

import time
from dataclasses import dataclass

from tenants.backfill.ranges import Range


@dataclass(frozen=True)
class Progress:
    """One committed batch. The last of a job has `finished` set, and no range when nothing was left to do."""

    job: str
    range: Range | None
    rows: int
    """Rows changed since the job began, by every process."""
    batch_rows: int
    """Rows changed by this batch."""
    batch_size: int
    """Rows that this batch asked its strategy for."""
    rate: float
    """Rows passed per second since this process joined, its caller's pauses included."""
    remaining: int | None
    """Estimate of the rows still ahead; None where the strategy cannot tell."""
    finished: bool

    @property
    def total(self) -> int | None:
        """Estimate the rows of the whole job."""
        return None if self.remaining is None else self.rows + self.remaining

    @property
    def seconds_left(self) -> float | None:
        """Estimate the time to the end at the present rate."""
        return None if self.remaining is None or not self.rate else self.remaining / self.rate


class Meter:
    """Counts what this process has passed over since it joined the job."""

    def __init__(self, job: str, ahead: int | None) -> None:
        self.job = job
        self.ahead = ahead
        self.passed = 0
        self.started = time.monotonic()

    def record_batch(
        self, done: Range | None, *, rows: int, batch_rows: int, batch_size: int, finished: bool
    ) -> Progress:
        """Add a committed batch and say where the job stands."""
        self.passed += batch_rows if done is None or done.seen is None else done.seen
        return Progress(
            job=self.job,
            range=done,
            rows=rows,
            batch_rows=batch_rows,
            batch_size=batch_size,
            rate=self.passed / max(time.monotonic() - self.started, 1e-6),
            remaining=self._estimate_remaining(finished),
            finished=finished,
        )

    def _estimate_remaining(self, finished: bool) -> int | None:
        if finished:
            return 0
        return None if self.ahead is None else max(0, self.ahead - self.passed)
