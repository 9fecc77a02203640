"""Changing the schema under live traffic so that every change can be taken back, also after a crash.

State is written as `tenantry_owner`, the role that the connection acts in. The old database's tables belong to others:
what is done to them is done with the rights of the login, which inherits both their owner's and ours.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from psycopg import errors, sql

from tenants.backfill.jobs import set_lock_timeout
from tenants.backfill.retry import Patience, PatienceError, run_with_retry
from tenants.models import Conversion, ConversionChange, ConversionTable, Phase

# Longer than the requests and reports that an ALTER has to wait for.
PATIENCE = Patience(attempts=60)
IN_THE_WAY = "select pid, usename, xact_start, query from pg_stat_activity where xact_start < now() order by 3"

STANDS_OR_GONE = """
select not exists (select from pg_catalog.pg_class where oid = %(oid)s)
    or pg_catalog.to_regclass(%(name)s) = %(oid)s::bigint::oid
"""


class LocksNotHad(RuntimeError):
    """A step that other transactions did not let in; what is committed stays, the same command goes on."""


def change_schema(
    subject: ConversionTable | Conversion,
    *statements: sql.Composable,
    phase: str,
    kind: str,
    name: str,
    undo: sql.Composable | None,
    lock_ms: int,
    temporary: bool = False,
    lock: sql.Composable | None = None,
    as_owner: bool = False,
) -> None:
    """Run some DDL and record its undo in one transaction, again and again until its locks are free.

    The statements go in one message: while their locks are held, nobody waits for this process to have its turn.
    `lock` is a LOCK TABLE over all that they will lock: it waits for `lock_ms` in all, not for each table anew.
    With `as_owner` new objects belong to `tenantry_owner`; else the login's own rights count.
    """
    text = compose_message(statements, lock=lock, lock_ms=lock_ms, as_owner=as_owner)

    def attempt() -> None:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            record_change(
                subject, phase=phase, kind=kind, name=name, undo=_text(undo) if undo else "", temporary=temporary
            )
            run_message(cursor, text, lock_ms=lock_ms)

    run_patiently(attempt, what=f"{kind} {name} on {subject}", lock_ms=lock_ms)


def change_schema_alone(
    table: ConversionTable,
    statement: sql.Composable,
    *,
    phase: str,
    kind: str,
    name: str,
    undo: sql.Composable,
    undo_alone: bool,
) -> None:
    """Run what refuses a transaction (CREATE INDEX CONCURRENTLY), its undo recorded beforehand."""
    record_change(table, phase=phase, kind=kind, name=name, undo=_text(undo), alone=undo_alone)
    run_alone(_text(statement))


def run_alone(statement: str) -> None:
    """It waits for others' transactions without being in anybody's way: for as long as they last."""
    with acting_as_login(), connection.cursor() as cursor:
        cursor.execute("select current_setting('lock_timeout'), set_config('lock_timeout', '0', false)")
        before = cursor.fetchone()[0]
        try:
            cursor.execute(statement, None)
        finally:
            cursor.execute("select set_config('lock_timeout', %s, false)", [before])


def compose_message(
    statements: tuple[sql.Composable, ...], *, lock: sql.Composable | None, lock_ms: int, as_owner: bool
) -> str:
    """Several statements as one message to the server."""
    parts = [] if as_owner else ["set local role none"]
    if lock is not None:
        # A LOCK over several tables waits lock_timeout for each; the statement's own time bounds the sum.
        parts += [f"set local statement_timeout = {int(lock_ms)}", _text(lock), "set local statement_timeout = 0"]
    return ";\n".join([*parts, *map(_text, statements)])


def run_message(cursor: CursorWrapper, text: str, *, lock_ms: int) -> None:
    """Send it; a LOCK that ran out of time is a lock not had, like any other."""
    set_lock_timeout(cursor, lock_ms)
    try:
        cursor.execute(text, None)
    except OperationalError as error:
        if isinstance(error.__cause__, errors.QueryCanceled):
            raise errors.LockNotAvailable(str(error)) from error
        raise


@contextmanager
def acting_as_login() -> Iterator[None]:
    """Put the session's role aside; for what refuses a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('role'), set_config('role', 'none', false)")
        role = cursor.fetchone()[0]
        try:
            yield
        finally:
            cursor.execute("select set_config('role', %s, false)", [role])


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
    subject: ConversionTable | Conversion,
    *,
    phase: str,
    kind: str,
    name: str,
    undo: str,
    alone: bool = False,
    temporary: bool = False,
) -> None:
    """Remember a change unless it is remembered already: the first undo knows what was there before."""
    table = subject if isinstance(subject, ConversionTable) else None
    ConversionChange.objects.get_or_create(
        conversion_id=table.conversion_id if table else subject.pk,
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
        run_alone(change.undo)
        _mark_undone(change)
        return

    def attempt() -> None:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            _mark_undone(change)
            if change.undo:
                run_message(cursor, f"set local role none;\n{change.undo}", lock_ms=lock_ms)

    try:
        run_patiently(attempt, what=f"undoing {change.kind} {change.name}", lock_ms=lock_ms)
    except ProgrammingError as error:
        if not _is_gone(change, error.__cause__):
            raise
        _mark_undone(change)


def _is_gone(change: ConversionChange, cause: BaseException | None) -> bool:
    """Partitions are dropped every day, and whole tables sometimes; one with another name has to get its own back."""
    if not isinstance(cause, errors.UndefinedTable):
        # Rights to a column went with it.
        return change.temporary and isinstance(cause, errors.UndefinedColumn)
    if change.table is None:
        return True
    with connection.cursor() as cursor:
        cursor.execute(STANDS_OR_GONE, {"oid": change.table.oid, "name": change.table.name})
        return bool(cursor.fetchone()[0])


def undo_temporary(conversion: Conversion, *, lock_ms: int, table: ConversionTable | None = None) -> None:
    """Put back what a phase changed only for its own time: settings, gated triggers; after a crash as well."""
    found = ConversionChange.objects.filter(conversion=conversion, temporary=True, undone_at=None)
    for change in (found.filter(table=table) if table else found).order_by("-made_at", "-id"):
        undo_change(change, lock_ms=lock_ms)


def _mark_undone(change: ConversionChange) -> None:
    ConversionChange.objects.filter(pk=change.pk).update(undone_at=timezone.now())


def _text(statement: sql.Composable) -> str:
    return statement.as_string(None)
