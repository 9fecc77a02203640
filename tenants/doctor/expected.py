"""Builds, in schemas of its own, what should stand: tables from the models, functions and triggers from their files.

PostgreSQL rewrites every expression it is given, so that only what it made of ours can be compared with what stands.
Nothing here locks a table that is in use, and the caller rolls all of it back.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg import errors, sql

from postgres.names import fill, quote, stand_in
from postgres.objects import SqlObject, all_objects
from tenants.doctor.checks import EXPECTED, EXPECTED_PRIVATE
from tenants.metrics.partitions import BY_MONTH

PRIVATE = re.compile(r"\bprivate\b")
KINDS = ("schema", "table", "function", "view", "trigger")
Statements = Callable[[], Iterable[str]]

_further: list[Statements] = []


def expect(statements: Statements) -> None:
    """Let an app above this one say what else stands on tables; `{schema}` is filled."""
    _further.append(statements)


def build_expected(cursor: Any) -> None:
    """Make everything that should stand; the search path is left on it."""
    cursor.execute(sql.SQL("create schema {}").format(sql.Identifier(EXPECTED)))
    cursor.execute(f"set local search_path = {quote(EXPECTED)}")
    # Bodies are compared, not run: one that no longer fits a table is a finding, not a failure.
    cursor.execute("set local check_function_bodies = off")
    with stand_in(EXPECTED), connection.execute_wrapper(_rename_private):
        # What stands on the models' tables, or takes their rows, has to wait for them.
        waiting = build_objects(cursor, sorted(all_objects(), key=_kind))
        build_tables()
        for statements in _further:
            for statement in statements():
                cursor.execute(fill(statement), None)
        for item in build_objects(cursor, waiting):
            cursor.execute(item.create_sql(), None)


def _kind(item: SqlObject) -> int:
    return KINDS.index(item.identity.partition(" ")[0])


def build_objects(cursor: Any, waiting: list[SqlObject]) -> list[SqlObject]:
    """The objects of the SQL files, in rounds, for they need one another; return what still lacks something."""
    while waiting:
        left = [item for item in waiting if not _built(cursor, item)]
        if len(left) == len(waiting):
            return left
        waiting = left
    return waiting


def _built(cursor: Any, item: SqlObject) -> bool:
    try:
        with transaction.atomic():
            cursor.execute(item.create_sql(), None)
    except ProgrammingError as error:
        lacking = errors.UndefinedTable | errors.UndefinedObject | errors.UndefinedFunction
        if _kind(item) == 0 or not isinstance(error.__cause__, lacking):
            raise
        return False
    return True


def _rename_private(execute: Any, statement: str, *rest: Any) -> Any:
    return execute(PRIVATE.sub(EXPECTED_PRIVATE, statement) if isinstance(statement, str) else statement, *rest)


def build_tables() -> None:
    """Every model's table, with keys, indexes and guard, as a first migration would make it today."""
    with connection.schema_editor(atomic=False) as editor:
        editor.create_model(MigrationRecorder(connection).Migration)
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)


def build_partitions(cursor: Any, schema: str) -> None:
    """For each partition that stands, the one that should."""
    for monthly in BY_MONTH:
        cursor.execute(
            "select c.relname, pg_get_expr(c.relpartbound, c.oid) from pg_catalog.pg_inherits i"
            " join pg_catalog.pg_class c on c.oid = i.inhrelid where i.inhparent = to_regclass(%s)",
            [f"{quote(schema)}.{quote(monthly.table)}"],
        )
        for name, bound in cursor.fetchall():
            cursor.execute(f"create table {quote(name)} partition of {quote(monthly.table)} {bound}", None)
            with stand_in(EXPECTED), connection.execute_wrapper(_rename_private):
                for statement in monthly.protect(quote(name)):
                    cursor.execute(fill(statement), None)
