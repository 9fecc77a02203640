"""Looks at every row that there is now, a piece at a time, so that none keeps old rows alive for long."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from psycopg import sql

from tenants.backfill.fill.choose import way_without_passes
from tenants.backfill.fill.relations import Relation, read_relations
from tenants.backfill.fill.sessions import batch_role, batch_transaction
from tenants.backfill.fill.steps import Step
from tenants.models import ConversionTable

# What was seen in pieces before is left out: most rows are of organizations that are known by then.
LOOK = """
select distinct b.org_id from {table} as b
where {condition} and (b.org_id is null or b.org_id <> all({seen}::uuid[]))
"""
# Of more, the list itself would take longer than the rows.
MOST_SEEN = 10_000
LOOK_ROWS = 20_000
LOOK_LOCK_MS = 5_000


@dataclass
class Seen:
    """What one look at all rows of a table found."""

    orgs: set[UUID] = field(default_factory=set)
    unfilled: list[tuple[Relation, Step]] = field(default_factory=list)
    """The pieces that hold rows without organization."""


def walk(table: ConversionTable) -> Iterator[tuple[Relation, Step]]:
    """Pieces that cover every row, each to be looked at in a transaction of its own."""
    with connection.cursor() as db:
        relations = read_relations(db, table.oid)
    for relation in relations:
        way = way_without_passes(relation)
        with batch_transaction(LOOK_LOCK_MS) as db, batch_role(db):
            whole = way.split(db, 1)
        for bounds in whole:
            cursor = None
            while True:
                with batch_transaction(LOOK_LOCK_MS) as db, batch_role(db):
                    step = way.next_step(db, bounds, cursor, LOOK_ROWS)
                if step is None:
                    break
                yield relation, step
                cursor = step.cursor


def look_at_rows(table: ConversionTable) -> Seen:
    """Find the organizations that rows name, and the pieces with rows that name none."""
    seen = Seen()
    for relation, step in walk(table):
        known = seen.orgs if len(seen.orgs) <= MOST_SEEN else ()
        query = sql.SQL(LOOK).format(
            table=relation.sql, condition=step.condition("b"), seen=sql.Literal([str(org) for org in known])
        )
        with batch_transaction(LOOK_LOCK_MS) as db, batch_role(db):
            db.execute(query, None)
            found = {row[0] for row in db.fetchall()}
        if None in found:
            seen.unfilled.append((relation, step))
        seen.orgs |= found - {None}
    return seen
