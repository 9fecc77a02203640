"""The transaction of a batch: its bounds, and the role that writes in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from postgres.roles import BATCH

# A batch that is lost in a crash is lost together with its cursor: nothing waits for the disk.
# A process that stops in mid-batch must not keep its locks: the server ends its session.
BOUNDS = """
select set_config('lock_timeout', %s, true), set_config('idle_in_transaction_session_timeout', %s, true),
    set_config('synchronous_commit', 'off', true),
    set_config('tenantry.job', coalesce(nullif(current_setting('tenantry.job', true), ''), %s), true)
"""
JOB = "backfill_org_ids"
LONGEST_SILENCE_MS = 5_000


@contextmanager
def batch_transaction(lock_ms: int) -> Iterator[CursorWrapper]:
    """A transaction of its own, with short waits."""
    with transaction.atomic(durable=True), connection.cursor() as db:
        db.execute(BOUNDS, [f"{lock_ms}ms", f"{LONGEST_SILENCE_MS}ms", JOB])
        yield db


@contextmanager
def batch_role(db: CursorWrapper) -> Iterator[None]:
    """Write as the role that the tables' triggers let pass; whoever fails in it rolls back, and so leaves it."""
    db.execute("select current_setting('role'), set_config('role', %s, true)", [BATCH])
    row = db.fetchone()
    before = row[0] if row else "none"
    yield
    db.execute("select set_config('role', %s, true)", [before])
