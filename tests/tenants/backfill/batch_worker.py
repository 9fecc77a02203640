"""A process that runs a batch job on a test's database, for tests that kill one or start two."""

import json
import os
import sys
import time

import django
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.batches import Keyset, Range, run_batches
from tenants.backfill.ranges import Position


def count_up(job: str, table: str, pause: float) -> None:
    """Add one to `done` in every row, and write a line per committed batch."""
    ranges = Keyset(table, "id")

    def apply(db: CursorWrapper, rows: Range) -> int:
        update = sql.SQL("update {} set done = done + 1 where {}")
        db.execute(update.format(sql.Identifier(table), ranges.condition(rows)))
        # Spread over both sides of the commit, so that a kill meets either.
        time.sleep(pause)
        return int(db.rowcount)

    def find_ten(db: CursorWrapper, after: Position, size: int) -> Range | None:
        return ranges(db, after, 10)

    for progress in run_batches(job, next_range=find_ten, apply=apply, batch_ms=20, lock_ms=1000):
        print(progress.range, flush=True)
        time.sleep(pause)


if __name__ == "__main__":
    django.setup()
    connection.settings_dict.update(json.loads(os.environ["BATCH_WORKER_DATABASE"]))
    count_up(sys.argv[1], sys.argv[2], float(sys.argv[3]))
