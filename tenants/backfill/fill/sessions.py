"""The transaction of a batch: its bounds, and the role that writes in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

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
ENTER_ROLE = "select current_setting('role'), set_config('role', %s, true)"
LEAVE_ROLE = "select set_config('role', %s, true)"
JOB = "backfill_org_ids"
LONGEST_SILENCE_MS = 5_000
Row: TypeAlias = tuple[Any, ...] | None
Statement: TypeAlias = tuple[str, list[Any]]


@contextmanager
def batch_transaction(lock_ms: int) -> Iterator[CursorWrapper]:
    """A transaction of its own, with short waits."""
    with transaction.atomic(durable=True), connection.cursor() as db:
        db.execute(*set_bounds(lock_ms))
        yield db


def set_bounds(lock_ms: int) -> Statement:
    """What every transaction of a batch begins with."""
    return BOUNDS, [f"{lock_ms}ms", f"{LONGEST_SILENCE_MS}ms", JOB]


def join_by_hash() -> Statement:
    """Only for statements that join nothing by row place."""
    return "select set_config('enable_nestloop', 'off', true)", []


def enter_role() -> Statement:
    """Become the role that the tables' triggers let pass; its row begins with the role before."""
    return ENTER_ROLE, [BATCH]


def leave_role(before: str) -> Statement:
    return LEAVE_ROLE, [before]


def ask_at_once(db: CursorWrapper, *statements: Statement) -> list[Row]:
    """Send statements in one message, and return the first row of each: a batch is too short for many messages."""
    db.execute(";\n".join(text for text, _ in statements), [value for _, values in statements for value in values])
    rows = [db.fetchone() if db.description else None]
    while db.nextset():
        rows.append(db.fetchone() if db.description else None)
    return rows


@contextmanager
def batch_role(db: CursorWrapper) -> Iterator[None]:
    """Write as the batch role; whoever fails in it rolls back, and so leaves it."""
    db.execute(*enter_role())
    row = db.fetchone()
    before = row[0] if row else "none"
    yield
    db.execute(*leave_role(before))
