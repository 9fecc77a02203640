"""Who works on a conversion: each process has a row, says what it does, and is seen while it lives."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from tenants.backfill.coordinator import process_name
from tenants.models import Conversion, ConversionWorker

SEEN_EVERY = 1.0
# Silent for longer, and a worker is not counted on.
LIVE_SECONDS = 15


class Worker:
    """This process."""

    def __init__(self, conversion: Conversion) -> None:
        self.name = process_name()
        self.conversion = conversion
        self.record = ConversionWorker.objects.create(conversion=conversion, name=self.name)
        self.seen, self.told = 0.0, ("", "")

    def tell(self, task: str, held: str = "") -> None:
        """Say what is done right now, or why not; written once a second, and at every change of the reason."""
        now = time.monotonic()
        if now - self.seen < SEEN_EVERY and bool(held) == bool(self.told[1]):
            return
        self.seen, self.told = now, (task, held)
        ConversionWorker.objects.filter(pk=self.record.pk).update(task=task, held_because=held, seen_at=Now())

    def end(self) -> None:
        ConversionWorker.objects.filter(pk=self.record.pk).update(
            task="", held_because="", seen_at=Now(), ended_at=Now()
        )


@contextmanager
def at_work(conversion: Conversion) -> Iterator[Worker]:
    """A worker for the time of the block."""
    worker = Worker(conversion)
    try:
        yield worker
    finally:
        # After a lost session the row stays as it is: whoever reads it sees when it was last seen.
        if connection.connection is not None and not connection.connection.closed:
            worker.end()


def count_live(conversion: Conversion) -> int:
    """Processes that were seen lately, by the database's clock: those of their machines may differ."""
    since = Now() - timedelta(seconds=LIVE_SECONDS)
    return ConversionWorker.objects.filter(conversion=conversion, ended_at=None, seen_at__gte=since).count()
