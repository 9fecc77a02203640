"""Changing the schema under live traffic so that every change can be taken back, also after a crash."""

from collections.abc import Callable, Iterator

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from tenants.backfill.jobs import set_lock_timeout
from tenants.backfill.retry import Patience, PatienceError, run_with_retry
from tenants.models import Conversion, ConversionChange, ConversionTable, Phase

# Longer than the requests and reports that an ALTER has to wait for.
PATIENCE = Patience(attempts=60)
IN_THE_WAY = "select pid, usename, xact_start, query from pg_stat_activity where xact_start < now() order by 3"


class LocksNotHad(RuntimeError):
    """A step that other transactions did not let in; what is committed stays, the same command goes on."""


def change_schema(
    table: ConversionTable,
    *statements: sql.Composable,
    phase: str,
    kind: str,
    name: str,
    undo: sql.Composable | None,
    lock_ms: int,
    temporary: bool = False,
) -> None:
    """Run some DDL and record its undo in one transaction, again and again until its locks are free.

    The statements go in one message: while their locks are held, nobody waits for this process to have its turn.
    """
    text = ";\n".join(_text(s) for s in statements)

    def attempt() -> None:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            record_change(
                table, phase=phase, kind=kind, name=name, undo=_text(undo) if undo else "", temporary=temporary
            )
            set_lock_timeout(cursor, lock_ms)
            cursor.execute(text, None)

    run_patiently(attempt, what=f"{kind} {name} on {table.name}", lock_ms=lock_ms)


def change_schema_alone(
    table: ConversionTable, statement: sql.Composable, *, phase: str, kind: str, name: str, undo: sql.Composable
) -> None:
    """Run what refuses a transaction (CREATE INDEX CONCURRENTLY), its undo recorded beforehand."""
    record_change(table, phase=phase, kind=kind, name=name, undo=_text(undo), alone=True)
    with connection.cursor() as cursor:
        cursor.execute(_text(statement), None)


def run_patiently(attempt: Callable[[], None], *, what: str, lock_ms: int) -> None:
    """Run a whole transaction until its locks are free, or say who may be in the way."""
    try:
        run_with_retry(attempt, patience=PATIENCE, on_failure=lambda: None)
    except PatienceError as error:
        raise LocksNotHad(
            f"{what}: its locks were not free in {PATIENCE.attempts} attempts of {lock_ms} ms. Nothing of this step was"
            f" kept. See who is in the way with `{IN_THE_WAY}`, then run the same command again: it goes on."
        ) from error.__cause__


def record_change(
    table: ConversionTable,
    *,
    phase: str,
    kind: str,
    name: str,
    undo: str,
    alone: bool = False,
    temporary: bool = False,
) -> None:
    """Remember a change unless it is remembered already: the first undo knows what was there before."""
    ConversionChange.objects.get_or_create(
        conversion_id=table.conversion_id,
        table=table,
        phase=phase,
        kind=kind,
        name=name,
        undone_at=None,
        defaults={"undo": undo, "alone": alone, "temporary": temporary},
    )


def find_changes(
    conversion: Conversion, *, down_to: Phase, table: ConversionTable | None = None
) -> Iterator[ConversionChange]:
    """What stands above a phase, newest first."""
    above = Phase.values[Phase.values.index(down_to) + 1 :]
    found = ConversionChange.objects.filter(conversion=conversion, phase__in=above, undone_at=None)
    if table is not None:
        found = found.filter(table=table)
    yield from found.order_by("-made_at", "-id")


def undo_change(change: ConversionChange, *, lock_ms: int) -> None:
    """Take one change back, and remember that it was."""
    if change.alone:
        _execute(change.undo)
        _mark_undone(change)
        return

    def attempt() -> None:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            set_lock_timeout(cursor, lock_ms)
            _mark_undone(change)
            if change.undo:
                cursor.execute(change.undo, None)

    run_patiently(attempt, what=f"undoing {change.kind} {change.name}", lock_ms=lock_ms)


def undo_temporary(conversion: Conversion, *, lock_ms: int, table: ConversionTable | None = None) -> None:
    """Put back what a phase changed only for its own time: settings, gated triggers; after a crash as well."""
    found = ConversionChange.objects.filter(conversion=conversion, temporary=True, undone_at=None)
    for change in (found.filter(table=table) if table else found).order_by("-made_at", "-id"):
        undo_change(change, lock_ms=lock_ms)


def _mark_undone(change: ConversionChange) -> None:
    ConversionChange.objects.filter(pk=change.pk).update(undone_at=timezone.now())


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, None)


def _text(statement: sql.Composable) -> str:
    return statement.as_string(None)
