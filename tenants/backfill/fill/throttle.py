"""When a fill stands aside, and the sentence that says until when and why."""

import time
from datetime import time as clock_time

from django.db import connection
from django.db.backends.utils import CursorWrapper

from tenants.backfill.fill.settings import Limits
from tenants.backfill.fill.snapshots import Snapshot, find_snapshots, find_stubborn

LOOK_EVERY = 0.5
# Held between two batches, so none of these locks is ours; VACUUM, ANALYZE and concurrent builds share one mode.
LOOK = """
select
    (select count(*) from pg_catalog.pg_locks where relation = %(oid)s and not granted),
    (select string_agg(pid::text, ', ' order by pid) from pg_catalog.pg_locks
        where relation = %(oid)s and mode = 'ShareUpdateExclusiveLock' and granted and pid <> pg_backend_pid()),
    pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
    localtime
"""
LAG = """
select coalesce(application_name, pid::text), extract(epoch from replay_lag)::float8, state is null
from pg_catalog.pg_stat_replication
"""
STRONG = ("AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock")


class Throttle:
    """Looks around between batches, at most twice a second, and remembers what it saw."""

    def __init__(self, limits: Limits, *, passes: bool) -> None:
        self.limits = limits
        self.passes = passes
        self.looked = 0.0
        self.held_since: float | None = None
        self.wal: tuple[float, float] | None = None
        self.snapshots: set[Snapshot] = set()
        self.stubborn: list[Snapshot] = []
        self.blind = ""
        """What could not be seen, for want of a right."""

    def find_reason(self, oid: int) -> str:
        """Why the next batch has to wait; empty when it need not."""
        if time.monotonic() - self.looked < LOOK_EVERY:
            return ""
        with connection.cursor() as db:
            db.execute(LOOK, {"oid": oid})
            waiters, vacuum, wal, clock = db.fetchone() or (0, None, 0, clock_time())
            reason = describe_window(self.limits, clock) or self._describe_wal(float(wal)) or self._describe_lag(db)
            reason = reason or self._bound_wait(self._describe_others(db, waiters, vacuum))
        if not reason:
            self.looked = time.monotonic()
        return reason

    def _describe_others(self, db: CursorWrapper, waiters: int, vacuum: str | None) -> str:
        if waiters:
            return f"the {waiters} waiting for a lock on it have theirs, because they would wait behind our batches"
        if vacuum:
            return f"session {vacuum} ends, because it vacuums or builds an index on this table"
        if self.passes and (snapshot := self._look_for_snapshots(db)):
            return f"{snapshot} ends, because its old snapshot keeps pages from being pruned"
        return ""

    def _bound_wait(self, others: str) -> str:
        """What others do is waited for a while, then worked beside for as long as it lasts."""
        if not others:
            self.held_since = None
            return ""
        self.held_since = self.held_since or time.monotonic()
        left = self.limits.longest_hold - (time.monotonic() - self.held_since)
        return f"held until {others}; at most {left:.0f} s more" if left > 0 else ""

    def _look_for_snapshots(self, db: CursorWrapper) -> Snapshot | None:
        found = find_snapshots(db)
        self.stubborn, self.snapshots = find_stubborn(self.snapshots, found), found
        return next((snapshot for snapshot in self.stubborn if not snapshot.elsewhere), None)

    def _describe_wal(self, written: float) -> str:
        now, limit = time.monotonic(), self.limits.wal_mb_per_second
        before = self.wal or (now, written)
        rate = (written - before[1]) / max(now - before[0], 0.001) / 2**20
        if limit is None or rate <= limit:
            # Only now: while held, the average falls from the same beginning.
            self.wal = (now, written)
            return ""
        return f"held until the server writes less than {limit:g} MB of WAL a second, because it writes {rate:.0f}"

    def _describe_lag(self, db: CursorWrapper) -> str:
        limit = self.limits.replica_lag_seconds
        if limit is None:
            return ""
        db.execute(LAG)
        for name, lag, hidden in db.fetchall():
            if hidden:
                self.blind = "replica lag cannot be seen by this login: grant pg_monitor to it"
            elif lag is not None and lag > limit:
                return f"held until replica {name} is within {limit:g} s, because it lags {lag:.0f} s behind"
        return ""


def describe_window(limits: Limits, now: clock_time) -> str:
    """Outside the window of time in which work is allowed."""
    if limits.window is None:
        return ""
    first, until = limits.window
    inside = first <= now < until if first < until else now >= first or now < until
    return "" if inside else f"held until {first:%H:%M}, because the time window is {first:%H:%M} to {until:%H:%M}"


def find_table_lock(oid: int) -> str:
    """Who holds a lock on the whole table that no batch can pass; empty when nobody does."""
    with connection.cursor() as db:
        db.execute(
            "select string_agg(pid || ' (' || mode || ')', ', ') from pg_catalog.pg_locks"
            " where relation = %s and granted and mode = any(%s) and pid <> pg_backend_pid()",
            [oid, list(STRONG)],
        )
        row = db.fetchone()
    return f"held until session {row[0]} ends, because it locks the whole table" if row and row[0] else ""
