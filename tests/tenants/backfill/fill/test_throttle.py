"""When a fill stands aside, and what it says meanwhile."""

from datetime import time

import psycopg
import pytest

from tenants.backfill.fill.settings import Limits
from tenants.backfill.fill.throttle import Throttle, describe_window
from tests.databases import login_dsn
from tests.tenants.backfill.fill.filling import begin_notes, count_wrong, fill


@pytest.mark.parametrize(
    ("window", "now", "held"),
    [
        ((time(22), time(6)), time(23), False),
        ((time(22), time(6)), time(5, 59), False),
        ((time(22), time(6)), time(6), True),
        ((time(9), time(17)), time(12), False),
        ((time(9), time(17)), time(8), True),
        (None, time(8), False),
    ],
)
def test_a_window_of_time_may_pass_midnight(window, now, held):
    reason = describe_window(Limits(window=window), now)
    assert bool(reason) == held
    assert (
        not held
        or reason == f"held until {window[0]:%H:%M}, because the time window is {window[0]:%H:%M} to {window[1]:%H:%M}"
    )


def look(throttle, legacy) -> str:
    """As if half a second had passed since the last look."""
    throttle.looked = 0.0
    ((oid,),) = legacy.run("select '{s}.notes'::regclass::oid::bigint")
    return str(throttle.find_reason(oid))


class TestOldSnapshots:
    def test_hold_passes_and_are_named(self, legacy, stranger):
        open_snapshot(stranger)
        throttle = Throttle(Limits(), passes=True)
        assert look(throttle, legacy) == ""
        pid = stranger.connection.connection.info.backend_pid
        assert look(throttle, legacy).startswith("held until session ")
        # Tests beside this one may have old ones too, and be named first.
        assert any(f"session {pid}" in str(snapshot) for snapshot in throttle.stubborn)

    def test_do_not_hold_what_makes_no_passes(self, legacy, stranger):
        open_snapshot(stranger)
        throttle = Throttle(Limits(), passes=False)
        assert [look(throttle, legacy), look(throttle, legacy)] == ["", ""]

    def test_hold_for_a_while_only_and_then_passes_are_left_out(self, legacy, stranger):
        open_snapshot(stranger)
        throttle = Throttle(Limits(longest_hold=0.0), passes=True)
        assert [look(throttle, legacy), look(throttle, legacy)] == ["", ""]
        assert throttle.stubborn

    def test_of_writers_in_another_database_leave_out_passes_and_hold_nobody(self, legacy):
        with psycopg.connect(login_dsn("postgres")) as elsewhere:
            pid = elsewhere.info.backend_pid
            elsewhere.execute("select pg_current_xact_id()")
            throttle = Throttle(Limits(), passes=True)
            looks = [look(throttle, legacy), look(throttle, legacy)]
        # Tests beside this one may be at work in this database too.
        assert not any(str(pid) in reason for reason in looks)
        assert any(f"session {pid} of database postgres" in str(snapshot) for snapshot in throttle.stubborn)


def open_snapshot(stranger) -> None:
    stranger.execute("set transaction isolation level repeatable read")
    stranger.execute("select 1 from users limit 1")


def test_a_vacuum_or_a_build_of_an_index_is_waited_for(legacy, stranger):
    stranger.execute("set role none")
    stranger.execute(f"lock table {legacy.schema}.notes in share update exclusive mode")
    reason = look(Throttle(Limits(), passes=False), legacy)
    assert "because it vacuums or builds an index on this table; at most 60 s more" in reason


def test_wal_above_the_limit_is_said(legacy):
    throttle = Throttle(Limits(wal_mb_per_second=0.000001), passes=False)
    ((oid,),) = legacy.run("select '{s}.notes'::regclass::oid::bigint")
    throttle.find_reason(oid)
    legacy.run("insert into {s}.notes (body) select 'x' from generate_series(1, 100)")
    throttle.looked = 0.0
    assert throttle.find_reason(oid).startswith("held until the server writes less than 1e-06 MB of WAL a second")


def test_a_locked_table_is_waited_for_and_no_row_is_parked(legacy, stranger):
    conversion = begin_notes(legacy, 300)
    stranger.execute("set role none")
    looks = iter(range(10_000))

    def release_later() -> bool:
        if next(looks) == 2:
            stranger.execute(f"lock table {legacy.schema}.notes in share mode")
        elif events_seen():
            stranger.connection.rollback()
        return False

    seen = iter([False] * 3)

    def events_seen() -> bool:
        return next(seen, True)

    fill(conversion, lock_ms=5, should_stop=release_later)
    assert count_wrong(legacy) == 0
