"""The audit log: rows sealed, heads copied, months retired."""

from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection

from audit.retention import due_months, retire_month
from audit.sealing import count_waiting, seal_log
from audit.verification import export_checked
from config.maintenance.task import NOTHING, PATIENCE, as_owner, tell
from tenants.backfill.retry import run_with_retry

# What is left after this long is sealed by the next run.
SEAL_SECONDS = 600.0


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
        return tell("would retire", due_months(cursor))


def retire_due_months() -> str:
    with connection.cursor() as cursor:
        due = due_months(cursor)
    if due:
        # Not while the copied heads show that the log was tampered with: what would go may be evidence.
        export_heads()
    for name in due:
        run_with_retry(partial(retire_month, name), patience=PATIENCE, on_failure=lambda: None)
    return tell("retired", due)
