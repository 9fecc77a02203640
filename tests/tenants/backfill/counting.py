"""The job that the tests of batches run: add one to `done` in every row of a table of numbers."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.batches import Keyset, Progress, Range, run_batches
from tenants.backfill.ranges import Apply, NextRange

JOB = "test: count up"
TABLE = "batch_numbers"
ROWS = 700
NUMBERS = Keyset(TABLE, "id")


def execute(statement: str, parameters: list[str | int] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as db:
        db.execute(statement, parameters)
        return db.fetchall() if db.description else []


def count_up(db: CursorWrapper, rows: Range) -> int:
    db.execute(sql.SQL("update batch_numbers set done = done + 1 where {}").format(NUMBERS.condition(rows)))
    return int(db.rowcount)


def run_job(
    *,
    next_range: NextRange = NUMBERS,
    apply: Apply = count_up,
    job: str = JOB,
    batch_ms: int = 1000,
    lock_ms: int = 50,
) -> Generator[Progress, None, None]:
    return run_batches(job, next_range=next_range, apply=apply, batch_ms=batch_ms, lock_ms=lock_ms)


def passed_range(progress: Progress) -> Range:
    assert progress.range
    return progress.range


def set_size(size: int) -> None:
    """Begin the job with a batch size of the test's own."""
    execute("insert into private.batch_jobs (job, batch_size) values (%s, %s)", [JOB, size])


def read_saved(column: str) -> Any:
    return execute(f"select {column} from private.batch_jobs where job = %s", [JOB])[0][0]


def count_rows() -> dict[int, int]:
    """How many rows were changed how often."""
    return dict(map(tuple, execute("select done, count(*) from batch_numbers group by done")))


def start_worker(*, pause: str) -> subprocess.Popen[str]:
    place = {key: connection.settings_dict[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("batch_worker.py")), JOB, TABLE, pause],
        env={**os.environ, "BATCH_WORKER_DATABASE": json.dumps(place), "PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_for_waiters(count: int) -> None:
    """Until so many sessions of this database wait for a lock, or it becomes clear that they never will."""
    waiters = (
        "select count(distinct pid) from pg_locks join pg_stat_activity using (pid)"
        " where not granted and datname = current_database()"
    )
    for _ in range(3000):
        if execute(waiters) == [(count,)]:
            return
        time.sleep(0.01)
    pytest.fail(f"{count} processes never came to wait for a lock")


def read_lines(worker: subprocess.Popen[str], count: int) -> None:
    assert worker.stdout
    for _ in range(count):
        assert worker.stdout.readline()
