"""Migration operations that stand aside: nobody waits behind them for longer than the lock timeout."""

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddField, RunPython
from django.db.migrations.operations.base import Operation

from postgres.names import quote
from tenants.backfill.jobs import set_lock_timeout
from tenants.backfill.retry import Patience, PatienceError, run_with_retry

LOCK_MS = 100
# Some four minutes: longer than the requests and reports that an ALTER has to wait for.
PATIENCE = Patience(attempts=60)
IN_THE_WAY = "select pid, usename, xact_start, query from pg_stat_activity where xact_start < now()"


class LocksNotHad(RuntimeError):
    """A migration that other transactions did not let in; what is committed stays, it can go on."""


def run_patiently(work: Callable[[Any], None], *, what: str, tables: int = 1) -> None:
    """Do some DDL in one transaction, again and again until its locks are free.

    While it waits for one lock it may hold those it has: the more tables, the shorter each wait.
    """

    lock_ms = LOCK_MS // tables

    def attempt() -> None:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            set_lock_timeout(cursor, lock_ms)
            with connection.schema_editor(atomic=False) as editor:
                work(editor)

    try:
        run_with_retry(attempt, patience=PATIENCE, on_failure=lambda: None)
    except PatienceError as error:
        raise LocksNotHad(
            f"{what}: its locks were not free in {PATIENCE.attempts} attempts of {lock_ms} ms. Nothing of this step"
            f" was kept. See who is in the way with `{IN_THE_WAY}`, then run `manage.py migrate` again: it goes on."
        ) from error.__cause__


class Patient(Operation):
    """Another operation, in a transaction of its own under a lock timeout; the migration has `atomic = False`."""

    reduces_to_sql = True

    def __init__(self, operation: Operation, *, tables: int = 1) -> None:
        self.operation = operation
        self.tables = tables

    @property
    def reversible(self) -> bool:  # type: ignore[override]
        return self.operation.reversible

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [self.operation], {"tables": self.tables}

    def state_forwards(self, app_label: str, state: Any) -> None:
        self.operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        def work(editor: Any) -> None:
            self.operation.database_forwards(app_label, editor, from_state, to_state)

        self._run(work, schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        def work(editor: Any) -> None:
            self.operation.database_backwards(app_label, editor, from_state, to_state)

        self._run(work, schema_editor)

    def _run(self, work: Callable[[Any], None], schema_editor: Any) -> None:
        if schema_editor.collect_sql:
            work(schema_editor)
        else:
            run_patiently(work, what=self.describe(), tables=self.tables)

    def describe(self) -> str:
        return self.operation.describe()


class RunInDatabase(RunPython):
    """RunPython inside SeparateDatabaseAndState, where `sqlmigrate` would run it instead of leaving it out."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if not schema_editor.collect_sql:
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if not schema_editor.collect_sql:
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class ColumnTaken(RuntimeError):
    """A column of our name that is somebody else's; nothing of it was changed."""


class AddFieldOnce(AddField):
    """Add a nullable column; one that a killed attempt left is known by its comment, one of others is refused."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.name)
        found = None if schema_editor.collect_sql else read_column(model._meta.db_table, field.column)
        if found is None:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        elif found != (field.db_type(schema_editor.connection), field.db_comment):
            where = f"{quote(model._meta.db_table)}.{quote(field.column)}"
            raise ColumnTaken(
                f"{where} is there already, and not ours. Give it another name, here and in what uses it (alter table"
                f" {quote(model._meta.db_table)} rename column {quote(field.column)} to another), then run"
                " `manage.py migrate` again."
            )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        table, column = model._meta.db_table, model._meta.get_field(self.name).column
        schema_editor.execute(f"alter table {quote(table)} drop column if exists {quote(column)}", params=None)


def read_column(table: str, column: str) -> tuple[str, str | None] | None:
    """A column's type and comment, where it stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select format_type(atttypid, atttypmod), col_description(attrelid, attnum) from pg_catalog.pg_attribute"
            " where attrelid = to_regclass(%s) and attname = %s and not attisdropped",
            [quote(table), column],
        )
        row: tuple[str, str | None] | None = cursor.fetchone()
        return row


class AddIndexBeside(AddIndexConcurrently):
    """Build an index beside readers and writers; one that a killed attempt left invalid is built again."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.collect_sql or not keep_valid_index(self.index.name):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(f"drop index concurrently if exists {quote(self.index.name)}", params=None)


def build_unique_index(table: str, name: str, columns: tuple[str, ...]) -> None:
    """Build the index that a primary key will be made from."""
    if not keep_valid_index(name):
        listed = ", ".join(map(quote, columns))
        with connection.cursor() as cursor:
            cursor.execute(f"create unique index concurrently {quote(name)} on {quote(table)} ({listed})")


def keep_valid_index(name: str) -> bool:
    """Whether a usable index of this name stands; an unusable one is dropped."""
    with connection.cursor() as cursor:
        cursor.execute("select indisvalid from pg_catalog.pg_index where indexrelid = to_regclass(%s)", [quote(name)])
        row = cursor.fetchone()
        if row and not row[0]:
            cursor.execute(f"drop index concurrently {quote(name)}")
        return bool(row and row[0])
