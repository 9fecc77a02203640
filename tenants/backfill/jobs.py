"""The saved state of batch jobs: the rows of `private.batch_jobs`."""

import json
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from tenants.backfill.errors import BatchSetupError
from tenants.backfill.ranges import Position

# Longer than any batch: to wait for one's turn hinders nobody, since nothing else is locked yet.
TURN_MS = 10_000


@dataclass(frozen=True)
class JobState:
    """Where a job stands, as of its last committed batch."""

    position: Position
    rows: int
    batch_size: int
    finished: bool


def set_lock_timeout(db: CursorWrapper, milliseconds: int) -> None:
    """Bound every further wait for a lock in this transaction."""
    db.execute("select set_config('lock_timeout', %s, true)", [f"{milliseconds}ms"])


def name_job(db: CursorWrapper, job: str) -> None:
    """Tell the audit log who changes the rows, unless the command around the job has said so already."""
    db.execute(
        "select set_config('tenantry.job', coalesce(nullif(current_setting('tenantry.job', true), ''), %s), true)",
        [job],
    )


def register_job(db: CursorWrapper, job: str, *, first_size: int) -> None:
    """Make the job's row unless it exists."""
    db.execute(
        "insert into private.batch_jobs (job, batch_size) values (%s, %s) on conflict (job) do nothing",
        [job, first_size],
    )


def claim_job(db: CursorWrapper, job: str) -> JobState:
    """Lock the job's row, so that the processes of one job take turns, and read where to go on."""
    set_lock_timeout(db, TURN_MS)
    name_job(db, job)
    db.execute(
        "select cursor::text, rows, batch_size, finished_at is not null"
        " from private.batch_jobs where job = %s for update",
        [job],
    )
    row = db.fetchone()
    if row is None:
        raise BatchSetupError(
            f'Batch job "{job}" was forgotten while it ran: its row in private.batch_jobs is gone. '
            "Run the same command again to start it over."
        )
    cursor, rows, batch_size, finished = row
    return JobState(None if cursor is None else json.loads(cursor), rows, batch_size, finished)


def save_job(
    db: CursorWrapper, job: str, *, position: Position, batch_rows: int, batch_size: int, finished: bool
) -> int:
    """Write the cursor beside the rows it stands for; return the rows changed so far."""
    db.execute(
        "update private.batch_jobs set cursor = %s::jsonb, rows = rows + %s, batch_size = %s,"
        " updated_at = now(), finished_at = case when %s then now() end where job = %s returning rows",
        [None if position is None else json.dumps(position), batch_rows, batch_size, finished, job],
    )
    row = db.fetchone()
    if row is None:
        raise BatchSetupError(
            f'Batch job "{job}" could not save its cursor: `apply` left a role that does not see '
            "private.batch_jobs. Put the role back before `apply` returns; nothing of this batch was kept."
        )
    return int(row[0])


def forget_job(job: str) -> None:
    """Let a job start over when it runs next: the reverse of a data migration. Waits for a running batch."""
    with connection.cursor() as db:
        db.execute("delete from private.batch_jobs where job = %s", [job])
