"""Children whose parent has changed its organization since they were filled follow it, until their guard stands.

The trigger of a child reads its parent without a lock. FOR SHARE there would settle the order of the two, and would let
an old application that inserts children and then updates their parent, two at once, run into deadlocks it never had.
"""

import time
from collections.abc import Iterator

from django.db import connection
from psycopg import sql

from tenants.backfill.changes import acting_as_login, undo_temporary
from tenants.backfill.derive.expression import PARENT, join_parent, read_decisions
from tenants.backfill.errors import PhaseRefused
from tenants.backfill.events import Event, Held, Said
from tenants.backfill.fill.relations import read_relations
from tenants.backfill.fill.rounds import may_drift
from tenants.backfill.fill.run import sweep_table
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.phases.reaching import choose_tables
from tenants.models import Conversion, ConversionTable, Phase

LEFT_BEHIND = "select exists (select from {table} as t join {parent} on {matches} where t.org_id <> {org})"
# Between two statements READ COMMITTED has no snapshot. Autovacuum, which is nobody's, writes no rows.
READERS = """
select l.virtualxid, l.pid from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.locktype = 'virtualxid' and l.mode = 'ExclusiveLock' and l.granted and a.backend_xmin is not null
    and a.datname = current_database() and a.usesysid is not null and a.pid <> pg_backend_pid()
"""
LOOK_AGAIN = 0.1
# A row that is written at the moment it is looked at waits for the next sweep.
MOST_SWEEPS = 5


def follow_parents(conversion: Conversion, settings: FillSettings, *, only: tuple[str, ...] = ()) -> Iterator[Event]:
    """Sweep the filled tables whose rows are not where their parents are by now; parents before children."""
    for table in choose_tables(conversion, only):
        if table.phase in (Phase.FILL, Phase.CONSTRAIN) and is_left_behind(table):
            yield Said(table.name, "follows its parent, whose rows have changed their organization since")
            yield from sweep_table(table, settings)


def settle_with_parent(table: ConversionTable, settings: FillSettings) -> Iterator[Event]:
    """The same for good, once the parent is guarded: from then on no parent moves.

    Its guard took the whole table for a moment, so whoever had read a parent before has ended, but for transactions
    that still read as of an earlier time. They are waited for.
    """
    if not may_drift(table):
        return
    yield from _wait_for_readers(table)
    for _ in range(MOST_SWEEPS):
        if not is_left_behind(table):
            return
        yield Said(table.name, "follows its parent a last time")
        yield from sweep_table(table, settings)
        # The guard that comes next notes the rights that stand, and has to find the table's own.
        undo_temporary(table.conversion, lock_ms=settings.lock_ms)
    if is_left_behind(table):
        raise PhaseRefused(
            [
                f"{table.name}: rows are in another organization than their parent, and could not follow it in"
                f" {MOST_SWEEPS} sweeps. The same command goes on: manage.py backfill_org_ids guard --plan PLAN"
            ]
        )


def is_left_behind(table: ConversionTable) -> bool:
    """Whether a row is in another organization than its parent."""
    if not may_drift(table):
        return False
    decisions = read_decisions(table)
    parent, matches = join_parent(decisions, "t")
    org = sql.SQL("{}.org_id").format(PARENT)
    with connection.cursor() as db:
        relations = read_relations(db, table.oid)
    with acting_as_login(), connection.cursor() as db:
        for relation in relations:
            query = sql.SQL(LEFT_BEHIND).format(table=relation.sql, parent=parent, matches=matches, org=org)
            db.execute(query.as_string(None), None)
            if (db.fetchone() or [False])[0]:
                return True
    return False


def _wait_for_readers(table: ConversionTable) -> Iterator[Event]:
    """Until every transaction has ended that sees the database as it was before now."""
    found, waited = _find_readers(), False
    while found:
        left = _find_readers(still=found)
        if left and not waited:
            pids = ", ".join(sorted({str(pid) for pid in left.values()}))
            waited = True
            yield Held(table.name, f"held until session {pids} ends, because it still reads parents as they were")
        found = left
        if found:
            time.sleep(LOOK_AGAIN)
    if waited:
        yield Held(table.name, "")


def _find_readers(still: dict[str, int] | None = None) -> dict[str, int]:
    """Transactions with a snapshot, and their sessions; `still`: those among these that have not ended."""
    with connection.cursor() as db:
        if still is None:
            db.execute(READERS)
        else:
            db.execute(
                "select virtualxid, pid from pg_catalog.pg_locks where locktype = 'virtualxid' and granted"
                " and mode = 'ExclusiveLock' and virtualxid = any(%s)",
                [list(still)],
            )
        return dict(db.fetchall())
