"""Builds, in schemas of its own, what should stand: tables from the models, functions and triggers from their files.

PostgreSQL rewrites every expression it is given, so that only what it made of ours can be compared with what stands.
Nothing here locks a table that is in use, and the caller rolls all of it back.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from audit.partitions import LOG
from postgres.names import fill, quote, stand_in
from postgres.objects import SqlObject, all_objects
from postgres.partitions import Monthly
from tenants.doctor.checks import EXPECTED, EXPECTED_PRIVATE

PRIVATE = re.compile(r"\bprivate\b")
# In this order: tables call functions, triggers stand on tables.
BEFORE_TABLES = ("schema", "function", "table")
AFTER_TABLES = ("view", "trigger")
Statements = Callable[[], Iterable[str]]

monthly_tables: list[Monthly] = [LOG]
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
        build_objects(cursor, BEFORE_TABLES)
        build_tables()
        for statements in _further:
            for statement in statements():
                cursor.execute(fill(statement), None)
        build_objects(cursor, AFTER_TABLES)


def build_objects(cursor: Any, kinds: tuple[str, ...]) -> None:
    """The objects of the SQL files, in the order of these kinds."""
    objects = [o for o in all_objects() if _kind(o) in kinds]
    for item in sorted(objects, key=lambda o: kinds.index(_kind(o))):
        cursor.execute(item.create_sql(), None)


def _rename_private(execute: Any, statement: str, *rest: Any) -> Any:
    return execute(PRIVATE.sub(EXPECTED_PRIVATE, statement) if isinstance(statement, str) else statement, *rest)


def _kind(item: SqlObject) -> str:
    return item.identity.partition(" ")[0]


def build_tables() -> None:
    """Every model's table, with keys, indexes and guard, as a first migration would make it today."""
    with connection.schema_editor(atomic=False) as editor:
        editor.create_model(MigrationRecorder(connection).Migration)
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)


def build_partitions(cursor: Any, schema: str) -> None:
    """For each partition that stands, the one that should."""
    for monthly in monthly_tables:
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
