"""The periodic work: one list of tasks, each safe to run at any time, twice, or late."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import CleaningBatch, CleaningState
from accounts.review.cleaning import delete_old_previews
from accounts.review.looking import look_for_findings
from accounts.tokens.expiry import delete_stale, stale_sessions
from audit.partitions import LOG, months_ahead
from audit.retention import due_months as due_log_months
from audit.retention import retire_month
from audit.sealing import count_waiting, seal_log
from audit.verification import export_checked
from postgres.partitions import Monthly, count_default, due_months, make_default, make_months, missing_months
from tenants.backfill.retry import Patience, run_with_retry
from tenants.deletion import purge_deleted, soft_models
from tenants.lifecycle import grace_start, purge_organizations
from tenants.metrics.partitions import EVENTS, delete_late, expired_months, retire_month_of_events
from tenants.models import Organization, OrgStatus
from tenants.scope import owner_scope

Result = TypeVar("Result")
JOB = "maintain"
NOTHING = "nothing to do"
# A partition is attached under a lock that makes others wait: rather try again than have them queue up behind us.
LOCK_TIMEOUT = "500ms"
PATIENCE = Patience(attempts=10)
# What is left after this long is sealed by the next run.
SEAL_SECONDS = 600.0


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


def look_at_partitions(monthly: Monthly) -> str:
    def look() -> str:
        with connection.cursor() as cursor:
            return tell("would make", missing_months(cursor, monthly, *months_ahead()))

    return as_owner(look)


def make_partitions(monthly: Monthly) -> str:
    """A transaction for each month: whoever writes meanwhile waits for one of them, not for all."""

    def prepare() -> tuple[int, list[date]]:
        with connection.cursor() as cursor:
            make_default(cursor, monthly)
            return count_default(cursor, monthly), due_months(cursor, monthly, *months_ahead())

    def make(month: date) -> list[str]:
        with connection.cursor() as cursor:
            return make_months(cursor, monthly, month, 1)

    def count() -> int:
        with connection.cursor() as cursor:
            return count_default(cursor, monthly)

    held, due = as_owner(prepare)
    made = [name for month in due for name in as_owner(partial(make, month))]
    moved = held - as_owner(count)
    return tell("made", made) + (f"; moved {moved} rows out of {monthly.default}" if moved > 0 else "")


def look_at_events() -> str:
    def look() -> str:
        with connection.cursor() as cursor:
            return tell("would retire", expired_months(cursor))

    return as_owner(look)


def retire_events() -> str:
    """A transaction for each month, as short as can be: events come in meanwhile."""

    def take(action: Callable[[Any], Result]) -> Result:
        with connection.cursor() as cursor:
            return action(cursor)

    due = as_owner(partial(take, expired_months))
    for name in due:
        as_owner(partial(take, partial(retire_month_of_events, partition=name)))
    late = as_owner(partial(take, delete_late))
    return tell("retired", due) + (f"; deleted {late} rows of {EVENTS.default}" if late else "")


def look_at_seals() -> str:
    with connection.cursor() as cursor:
        waiting = count_waiting(cursor)
    ready, held = waiting.rows - waiting.held_back, waiting.held_back
    return (f"would seal {ready} rows" if ready else NOTHING) + (
        f"; {held} wait for a running transaction" if held else ""
    )


def seal() -> str:
    """Not in a transaction of ours: sealing commits each batch by itself."""
    sealed = seal_log(seconds=SEAL_SECONDS)
    said = f"sealed {sealed.rows} rows" if sealed.rows else NOTHING
    return said if sealed.finished else f"{said}; out of time, the next run goes on"


def look_at_heads() -> str:
    return f"would copy to {settings.TENANTRY_SEAL_DIR}" if settings.TENANTRY_SEAL_DIR else NOTHING


def export_heads() -> str:
    if not settings.TENANTRY_SEAL_DIR:
        return NOTHING

    def work() -> Path:
        with connection.cursor() as cursor:
            return export_checked(cursor, Path(settings.TENANTRY_SEAL_DIR))

    return f"wrote {as_owner(work)}"


def look_at_months() -> str:
    with connection.cursor() as cursor:
        return tell("would retire", due_log_months(cursor))


def retire_due_months() -> str:
    with connection.cursor() as cursor:
        due = due_log_months(cursor)
    if due:
        # Not while the copied heads show that the log was tampered with: what would go may be evidence.
        export_heads()
    for name in due:
        run_with_retry(partial(retire_month, name), patience=PATIENCE, on_failure=lambda: None)
    return tell("retired", due)


def purge_start() -> datetime:
    """Rows softly deleted before this moment are due."""
    return timezone.now() - timedelta(days=settings.TENANTRY_RETENTION_DAYS)


def look_at_deleted() -> str:
    def look() -> dict[str, int]:
        due = {"deleted_at__lt": purge_start()}
        return {m._meta.db_table: m._default_manager.filter(**due).count() for m in soft_models()}

    return tell("would purge", count_rows(as_owner(look)))


def purge_due_rows() -> str:
    return tell("purged", count_rows(as_owner(lambda: purge_deleted(purge_start()))))


def count_rows(counts: dict[str, int]) -> list[str]:
    return [f"{count} of {table}" for table, count in sorted(counts.items()) if count]


def look_at_organizations() -> str:
    due = Organization.objects.filter(status=OrgStatus.DELETING, deleting_since__lte=grace_start())
    return tell("would purge", as_owner(lambda: sorted(due.values_list("slug", flat=True))))


def purge_due_organizations() -> str:
    return tell("purged", [str(pk) for pk in purge_organizations()])


def look_at_sessions() -> str:
    due = as_owner(expired_sessions().count) + as_owner(stale_sessions().count)
    return f"would delete {due} expired" if due else NOTHING


def delete_sessions() -> str:
    deleted = as_owner(expired_sessions().delete)[0] + as_owner(delete_stale)
    return f"deleted {deleted} expired" if deleted else NOTHING


def preview_end() -> datetime:
    """Previews of cleanings that are older than a day are of yesterday's rows."""
    return timezone.now() - timedelta(days=1)


def look_at_access() -> str:
    due = CleaningBatch.objects.filter(state=CleaningState.PREVIEW, created_at__lt=preview_end())
    count = as_owner(due.count)
    return "would look through every organization" + (f", and forget {count} old previews" if count else "")


def review_access() -> str:
    found = as_owner(look_for_findings).found
    forgotten = as_owner(lambda: delete_old_previews(preview_end()))
    said = tell("found", [f"{count} {name}" for name, count in found.items() if count])
    return f"{said}; forgot {forgotten} old previews" if forgotten else said


def expired_sessions() -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=timezone.now())


def tell(verb: str, names: list[str]) -> str:
    return f"{verb} {', '.join(names)}" if names else NOTHING


TASKS = [
    Task(
        "log-partitions",
        "Make the audit log's partitions ahead of time, and move rows out of its DEFAULT partition.",
        partial(look_at_partitions, LOG),
        partial(make_partitions, LOG),
    ),
    Task("seal-log", "Chain the audit log's rows that are final.", look_at_seals, seal),
    Task("export-heads", "Copy the heads of the sealed log to TENANTRY_SEAL_DIR.", look_at_heads, export_heads),
    Task(
        "retire-months",
        "Drop whole months of the sealed log after TENANTRY_LOG_RETENTION_MONTHS.",
        look_at_months,
        retire_due_months,
    ),
    Task(
        "purge-deleted",
        "Remove softly deleted rows for good after TENANTRY_RETENTION_DAYS.",
        look_at_deleted,
        purge_due_rows,
    ),
    Task(
        "organizations",
        "Remove organizations whose grace period after deletion is over.",
        look_at_organizations,
        purge_due_organizations,
    ),
    Task(
        "sessions",
        "Delete sessions that are long over, of the console and of tokens, and counted attempts.",
        look_at_sessions,
        delete_sessions,
    ),
    Task(
        "event-months",
        "Drop whole months of metric events after TENANTRY_EVENT_RETENTION_MONTHS.",
        look_at_events,
        retire_events,
    ),
    Task(
        "event-partitions",
        "Make the metric events' partitions ahead of time, and move rows out of their DEFAULT partition.",
        partial(look_at_partitions, EVENTS),
        partial(make_partitions, EVENTS),
    ),
    Task(
        "access-review",
        "Look for access that looks wrong, and forget previews of cleanings that nobody applied.",
        look_at_access,
        review_access,
    ),
]
