"""One piece of the periodic work, and what all pieces share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from django.db import DatabaseError, connection, transaction

from tenants.backfill.retry import Patience, run_with_retry
from tenants.scope import owner_scope

Result = TypeVar("Result")
JOB = "maintain"
NOTHING = "nothing to do"
# A partition is attached under a lock that makes others wait: rather try again than have them queue up behind us.
LOCK_TIMEOUT = "500ms"
PATIENCE = Patience(attempts=10)


@dataclass(frozen=True)
class Task:
    """One piece of work: `look` says what is due without touching anything, `work` does it and says what it did."""

    name: str
    purpose: str
    look: Callable[[], str]
    work: Callable[[], str]


@contextmanager
def only_one() -> Iterator[bool]:
    """Whether nobody else maintains this database; the lock lives on a connection of its own until the end."""
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            # For the transaction, not the session: it is idle while the tasks run, and needs no clean-up.
            cursor.execute("begin")
            cursor.execute("select pg_try_advisory_xact_lock(hashtext('tenantry maintain'))")
            try:
                yield bool(cursor.fetchone()[0])
            finally:
                # Closing alone lets go a moment later: one that starts right away would find the lock taken.
                with suppress(DatabaseError):
                    cursor.execute("rollback")
    finally:
        holder.close()


def as_owner(action: Callable[[], Result]) -> Result:
    """Run in a transaction of its own as the owner, giving way to others and trying again."""

    def attempt() -> Result:
        with transaction.atomic(), owner_scope(JOB):
            with connection.cursor() as cursor:
                cursor.execute("select set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
            return action()

    return run_with_retry(attempt, patience=PATIENCE, on_failure=lambda: None)


def tell(verb: str, names: list[str]) -> str:
    return f"{verb} {', '.join(names)}" if names else NOTHING
