"""Sealing: chains the rows of the log that nobody can add to any more, beside the write path, in small batches."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from postgres.names import fill

JOB = "seal_log"
BATCH_ROWS = 5_000
# Another sealer holds its lock for one batch.
LOCK_TIMEOUT = "10s"
WAITING = """
select count(*), count(*) filter (where l.transaction_id >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    and l.transaction_id < pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
from {schema}.audit_logs l left join private.audit_seal_cursor c on true
where (c.only_row is null or (l.transaction_id, l.created_at, l.id) > (c.transaction_id, c.created_at, c.log_id))
    and not exists (select from private.audit_seals s
        where s.org_id = l.org_id and s.created_at = l.created_at and s.log_id = l.id)
"""


@dataclass(frozen=True)
class Sealed:
    """What one call did; `finished` unless it stopped for lack of time."""

    rows: int
    batches: int
    finished: bool


@dataclass(frozen=True)
class Waiting:
    """Rows without a seal, and how many of them wait for a transaction that still runs."""

    rows: int
    held_back: int


def seal_log(
    *, batch_rows: int = BATCH_ROWS, seconds: float | None = None, after_batch: Callable[[int], None] | None = None
) -> Sealed:
    """Seal what is final, a transaction per batch; safe at any time, twice, at once, and when killed half-way."""
    started = time.monotonic()
    rows = batches = 0
    while True:
        passed, sealed = seal_batch(batch_rows)
        rows += sealed
        batches += bool(passed)
        if not passed:
            return Sealed(rows, batches, finished=True)
        if after_batch:
            after_batch(sealed)
        if seconds is not None and time.monotonic() - started > seconds:
            return Sealed(rows, batches, finished=False)


def seal_batch(batch_rows: int) -> tuple[int, int]:
    """Seal the next rows and commit; return how many were looked at, and how many of them were new."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            "select set_config('tenantry.job', %s, true), set_config('lock_timeout', %s, true)", [JOB, LOCK_TIMEOUT]
        )
        cursor.execute("select passed, sealed from private.seal_batch(%s)", [batch_rows])
        passed, sealed = cursor.fetchone()
    return passed, sealed


def count_waiting(cursor: Any) -> Waiting:
    """What `seal_log` has before it."""
    cursor.execute(fill(WAITING))
    return Waiting(*cursor.fetchone())
