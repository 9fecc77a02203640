"""Sealing takes every row once, in an order that no later commit can change."""

import os
import signal
import subprocess
import sys
import time
import uuid
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from audit.sealing import count_waiting, seal_batch, seal_log
from tests.audit.sealed_log import PATIENCE_SECONDS, seal_all, sealed_org, verify, write_events
from tests.databases import ROOT, database_url, login_session, owner_session
from tests.racing import run_at_once


def positions(org: uuid.UUID) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select position from private.audit_seals where org_id = %s order by 1", [org])
        return [row[0] for row in cursor.fetchall()]


def count_rows(org: uuid.UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_logs where org_id = %s", [org])
        return int(cursor.fetchone()[0])


def write_often(org: uuid.UUID) -> None:
    for _ in range(25):
        write_events(org, 1)


def assert_whole(org: uuid.UUID, rows: int) -> None:
    assert count_rows(org) == rows
    assert positions(org) == list(range(1, rows + 1))
    assert verify(org).faults == []


def test_each_row_is_sealed_once_whatever_the_batch(transactional_db):
    org = uuid.uuid4()
    write_events(org, 50)
    seal_all(batch_rows=7)
    assert_whole(org, 50)
    assert seal_all() == 0


def test_a_rolled_back_row_leaves_no_gap(transactional_db):
    org = uuid.uuid4()
    write_events(org, 3)
    with transaction.atomic():
        write_events(org, 3)
        transaction.set_rollback(True)
    write_events(org, 3)
    seal_all()
    assert_whole(org, 6)


def test_the_rows_of_a_long_transaction_are_sealed_after_it_and_none_is_missed(transactional_db):
    org = uuid.uuid4()
    with owner_session(connection.settings_dict["NAME"]) as slow:
        slow.autocommit = False
        slow.execute("select set_config('search_path', 'public', true), log_event('test.slow', %s)", [org])
        run_at_once([partial(write_often, org)] * 8)
        seal_log()
        with connection.cursor() as cursor:
            assert count_waiting(cursor).held_back >= 200
        assert positions(org) == []
        slow.execute("select log_event('test.slow', %s)", [org])
        slow.commit()
    seal_all()
    assert_whole(org, 202)


def test_sealing_beside_eight_writers_misses_none(transactional_db):
    org = uuid.uuid4()

    def write() -> None:
        for _ in range(25):
            write_events(org, 2)

    def seal() -> None:
        for _ in range(40):
            seal_log(batch_rows=11)

    assert not [e for e in run_at_once([write] * 8 + [seal] * 2) if isinstance(e, Exception)]
    seal_all()
    assert_whole(org, 400)


def test_two_sealers_at_once_seal_each_row_once(transactional_db):
    org = uuid.uuid4()
    write_events(org, 500)
    assert not [e for e in run_at_once([lambda: seal_all(13)] * 4) if isinstance(e, Exception)]
    assert_whole(org, 500)


def test_a_batch_that_is_undone_is_done_again(transactional_db):
    org = uuid.uuid4()
    write_events(org, 20)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select private.seal_batch(1000)")
        transaction.set_rollback(True)
    seal_all()
    assert_whole(org, 20)


SEALER = """
import django; django.setup()
from audit.sealing import seal_log
seal_log(batch_rows=3, after_batch=lambda rows: print(rows, flush=True))
"""


def test_a_sealer_that_is_killed_leaves_a_whole_chain_to_go_on_with(transactional_db):
    org = uuid.uuid4()
    write_events(org, 600)
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(connection.settings_dict["NAME"]),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", SEALER], stdout=subprocess.PIPE, cwd=ROOT, env=environment
        ) as sealer:
            assert sealer.stdout is not None
            sealer.stdout.readline()
            sealer.send_signal(signal.SIGKILL)
        assert verify(org).faults == []
    seal_all()
    assert_whole(org, 600)


def test_it_stops_when_its_time_is_over_and_says_so(transactional_db):
    seal_all()
    sealed_org(5)
    write_events(uuid.uuid4(), 50)
    deadline = time.monotonic() + PATIENCE_SECONDS
    # Nothing to do yet is finished as well: a transaction of another test may hold the rows back.
    while not (done := seal_log(batch_rows=1, seconds=0)).batches and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (done.batches, done.finished) == (1, False)


def test_rows_of_an_earlier_server_are_sealed_too(transactional_db):
    """After a restore the transaction ids of the log may be ahead of the server's, and the cursor with them."""
    org = sealed_org(5)
    write_events(org, 5)
    with connection.cursor() as cursor:
        cursor.execute("update private.audit_seal_cursor set cluster = 'another', transaction_id = 1::bigint << 60")
    seal_all()
    assert_whole(org, 10)


def test_rows_whose_transactions_this_server_has_not_reached_are_sealed(transactional_db):
    org = uuid.uuid4()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("alter table audit_logs alter transaction_id set default 1::bigint << 60")
        write_events(org, 7)
        cursor.execute("alter table audit_logs alter transaction_id set default pg_current_xact_id()::text::bigint")
        cursor.execute("update private.audit_seal_cursor set cluster = 'another'")
    seal_all_strangers()
    assert_whole(org, 7)


def seal_all_strangers() -> None:
    while seal_batch(3) != (0, 0):
        pass


@pytest.mark.parametrize(
    "statement",
    [
        "update private.audit_seals set hash = ''",
        "delete from private.audit_seals",
        "truncate private.audit_seals",
        "delete from private.audit_retired",
        "update private.audit_retired set month = now()",
        "truncate private.audit_retired",
    ],
)
def test_the_owner_cannot_change_seals(transactional_db, statement):
    with pytest.raises(DatabaseError, match="cannot be changed"), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("role", ["tenantry_api", "tenantry_staff", "tenantry_service", "tenantry_batch"])
@pytest.mark.parametrize(
    "statement",
    [
        "select from private.audit_seals",
        "select from private.audit_heads",
        "insert into private.audit_heads values (gen_random_uuid(), 1, '')",
        "select from private.log_digests",
        "select from private.chain_links",
        "select private.seal_batch(1)",
        "select private.seal_rows(0, now(), gen_random_uuid(), 1, now(), gen_random_uuid())",
    ],
)
def test_nobody_else_reaches_the_seals(db: Any, role: str, statement: str) -> None:
    with login_session() as session:
        session.execute(f"set role {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement)
