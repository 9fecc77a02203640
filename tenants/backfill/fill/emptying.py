"""Emptying what was filled into an org_id that stood before: the rows that had no organization have none again."""

import json
from collections.abc import Callable, Iterator
from functools import partial

from django.db import connection
from psycopg import sql

from tenants.backfill.catalog.reading import read_catalog
from tenants.backfill.catalog.row_key import find_row_key
from tenants.backfill.changes import run_patiently, undo_temporary
from tenants.backfill.derive.keys import KeyColumn, compare, read_key
from tenants.backfill.events import Event, Said
from tenants.backfill.fill.preparation import Preparation
from tenants.backfill.fill.relations import Relation, read_relations
from tenants.backfill.fill.sessions import batch_role, batch_transaction
from tenants.backfill.fill.tables import open_table
from tenants.backfill.kept import name_unfilled_rows
from tenants.backfill.names import TableName, read_name
from tenants.models import ConversionTable

AT_ONCE = 1_000
TAKE = """
with gone as (delete from {noted} where ctid = any(array(select ctid from {noted} limit {most})) returning row_key)
select coalesce(jsonb_agg(row_key), '[]')::text from gone
"""
EMPTY = """
update {table} as t set org_id = null from jsonb_array_elements({rows}::jsonb) as k (row_key)
where {matches} and t.org_id is not null
"""


def empty_again(table: ConversionTable, *, lock_ms: int) -> Iterator[Event]:
    """Batch by batch, each with the note of its rows: interrupted, the same call goes on."""
    noted = name_unfilled_rows(table.conversion.number, table.oid)
    with connection.cursor() as db:
        db.execute("select to_regclass(%s) is not null", [noted.as_string(None)])
        stands = (db.fetchone() or [False])[0]
        relations = read_relations(db, table.oid)
    columns = _read_key(table)
    if not stands or not columns:
        yield Said(table.name, "keeps what was filled into its org_id: its rows have no key by which they were noted")
        return
    open_table(table, relations, Preparation(table, lock_ms=lock_ms))
    emptied = 0
    while count := _run_batch(partial(_empty_rows, noted, relations, columns, lock_ms), table, lock_ms):
        emptied += count
    undo_temporary(table.conversion, lock_ms=lock_ms)
    yield Said(table.name, f"{emptied:,} rows that had no organization before have none again")


def _read_key(table: ConversionTable) -> tuple[KeyColumn, ...]:
    name = TableName(*read_name(table.name))
    with connection.cursor() as db:
        found = read_catalog(db, (name.schema,)).tables[name]
    return read_key(name, find_row_key(found))


def _run_batch(work: Callable[[], int], table: ConversionTable, lock_ms: int) -> int:
    done: list[int] = []
    run_patiently(lambda: done.append(work()), what=f"emptying org_id of {table.name}", lock_ms=lock_ms)
    return done[-1]


def _empty_rows(noted: sql.Identifier, relations: list[Relation], columns: tuple[KeyColumn, ...], lock_ms: int) -> int:
    with batch_transaction(lock_ms) as db:
        db.execute(sql.SQL(TAKE).format(noted=noted, most=AT_ONCE).as_string(None))
        rows = (db.fetchone() or ["[]"])[0]
        with batch_role(db):
            for relation in relations:
                db.execute(_compose_empty(relation, columns, rows).as_string(None), None)
    return len(json.loads(rows))


def _compose_empty(relation: Relation, columns: tuple[KeyColumn, ...], rows: str) -> sql.Composed:
    matches = [
        compare(
            sql.Identifier("t", column.name),
            column,
            sql.SQL("(k.row_key ->> {})::{}").format(sql.Literal(column.name), column.sql_type),
            column,
        )
        for column in columns
    ]
    return sql.SQL(EMPTY).format(table=relation.sql, rows=sql.Literal(rows), matches=sql.SQL(" and ").join(matches))
