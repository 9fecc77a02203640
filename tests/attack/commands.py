"""What an attacker types: every command on every table, in the words that would succeed if nothing stood in the way."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection
from psycopg import errors

from tests.weblogins import Outcome
from tests.worlds import Side, Table

Statement = tuple[str, str, list[Any]]
# What PostgreSQL answers to an insert into a view, or a column of one, that takes none: before it looks at grants.
READ_ONLY = (errors.ObjectNotInPrerequisiteState, errors.FeatureNotSupported)


def is_refused(table: Table, outcome: Outcome) -> bool:
    """Refused for lack of a right, or because nobody can insert into such a view."""
    return outcome.refused or (table.view and isinstance(outcome.error, READ_ONLY))


def read_row(table: Table, side: Side, other: Side) -> dict[str, Any] | None:
    """A row of the other side, read as the owner: what an attacker who guessed everything would insert."""
    where, values = "", []
    if table.owner_column and not table.partition:
        where, values = f'where "{table.owner_column}"::text = any(%s)', [table.foreign_to(side, other)]
    with connection.cursor() as cursor:
        cursor.execute(f"select to_jsonb(t) from {table.quoted} t {where} limit 1", values)
        row = cursor.fetchone()
    return json.loads(row[0]) if row and isinstance(row[0], str) else (row[0] if row else None)


def statements(table: Table, row: dict[str, Any] | None) -> Iterator[Statement]:
    """Select, insert, update of every column, delete and truncate."""
    yield "select", f"select 1 from {table.quoted} limit 1", []
    yield "select", f"select * from {table.quoted} limit 1", []
    yield "insert", insert_copy(table), [json.dumps(row or {})]
    if table.view:
        return
    for column in table.columns:
        yield "update", f'update {table.quoted} set "{column}" = "{column}"', []
    yield "delete", f"delete from {table.quoted}", []
    yield "truncate", f"truncate {table.quoted} cascade", []


def insert_copy(table: Table) -> str:
    """The same row once more, with a key of its own where it has one that is not somebody's."""
    columns = ", ".join(f'"{c}"' for c in table.columns)
    overriding = "" if table.view else "overriding system value"
    return (
        f"insert into {table.quoted} ({columns}) {overriding}"
        f" select {columns} from jsonb_populate_record(null::{table.quoted}, %s::jsonb)"
    )
