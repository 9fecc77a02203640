"""Filling a column of a table that is guarded already: the batch role writes, and the log has one line per batch.

For the time of the fill the table's triggers leave that role alone: neither the log nor `updated_at` has anything to
say of a value that follows from the rest of the row. Everybody else is logged as ever.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db import connection
from psycopg import sql

from audit.events import log_event
from postgres.roles import BATCH
from tenants.backfill.batches import Keyset, Range, forget_job, run_batches
from tenants.backfill.fill.gates import compose_gate, compose_ungate, find_triggers
from tenants.backfill.fill.row_security import find_policy_changes
from tenants.backfill.fill.sessions import batch_role
from tenants.patient import run_patiently

Statement = sql.Composable
BATCH_MS, LOCK_MS = 50, 100
# The trigger that keeps the column says what it is, whatever a batch says.
UPDATE = "update {table} t set {column} = '' where t.{column} is null and {rows}"
REMEMBER = "insert into private.batch_jobs (job, cursor, batch_size) values (%s, %s::jsonb, 1)"


def fill_kept_column(table: str, column: str, *, key: tuple[str, ...], keeper: str, job: str) -> None:
    """Let the trigger `keeper` fill the column where it is empty; killed half-way, the next call goes on."""
    if not _has_rows(table):
        return
    run_patiently(partial(_open, table, column, keeper, job), what=f"opening {table} to its batches")
    keys = Keyset(table, *key)
    for _progress in run_batches(
        job, next_range=keys, apply=_compose_work(table, column, keys), batch_ms=BATCH_MS, lock_ms=LOCK_MS
    ):
        pass
    close_fill(table, job=job)


def close_fill(table: str, *, job: str) -> None:
    """Give the table its triggers and policies back as they were; does nothing where they stand."""
    if _recall(job) is not None:
        run_patiently(partial(_close, job), what=f"closing {table} to its batches")


def forget_fill(table: str, *, job: str) -> None:
    """The reverse: the column goes with an earlier migration, and only what a killed fill left is to be undone."""
    close_fill(table, job=job)
    forget_job(job)


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select exists (select from {})").format(sql.Identifier(table)))
        return bool(cursor.fetchone()[0])


def _compose_work(table: str, column: str, keys: Keyset) -> Callable[[Any, Range], int]:
    names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}

    def apply(cursor: Any, rows: Range) -> int:
        with batch_role(cursor):
            cursor.execute(sql.SQL(UPDATE).format(**names, rows=keys.condition(rows, alias="t")))
            changed = int(cursor.rowcount)
        if changed:
            log_event(cursor, "column.filled", table=table, column=column, rows=changed)
        return changed

    return apply


def _note(job: str) -> str:
    return f"{job}.opened"


def _recall(job: str) -> list[str] | None:
    """How to close the table again, where it is open."""
    with connection.cursor() as cursor:
        cursor.execute("select cursor::text from private.batch_jobs where job = %s", [_note(job)])
        row = cursor.fetchone()
    return json.loads(row[0]) if row else None


def _open(table: str, column: str, keeper: str, job: str, editor: Any) -> None:
    """Its changes and how to undo them are committed together."""
    if _recall(job) is not None:
        return
    with connection.cursor() as cursor:
        changes = list(_find_changes(cursor, table, column, keeper))
        for make, _undo in changes:
            cursor.execute(make)
        undo = [undo.as_string(cursor.connection) for _make, undo in changes]
        cursor.execute(REMEMBER, [_note(job), json.dumps(undo)])


def _close(job: str, editor: Any) -> None:
    for statement in _recall(job) or []:
        editor.execute(statement, params=None)
    forget_job(_note(job))


def _find_changes(cursor: Any, table: str, column: str, keeper: str) -> Iterator[tuple[Statement, Statement]]:
    place, role = sql.Identifier(table), sql.Identifier(BATCH)
    names = {"table": place, "column": sql.Identifier(column), "role": role}
    for right in ("select", "update ({column})"):
        yield (
            sql.SQL("grant " + right + " on {table} to {role}").format(**names),
            sql.SQL("revoke " + right + " on {table} from {role}").format(**names),
        )
    cursor.execute("select to_regclass(%s)::oid::bigint", [table])
    oid = cursor.fetchone()[0]
    for change in find_policy_changes(oid, place):
        yield change.make, change.undo
    for trigger in find_triggers(cursor, [oid], column):
        if trigger.name != keeper:
            yield sql.SQL(";\n").join(compose_gate(trigger)), sql.SQL(";\n").join(compose_ungate(trigger))
