"""Killed half-way, two at once, and while others write."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError
from django.db import connection

from audit.models import AuditLog
from tests.config.org_archive.moving import digest_others, digest_rows, erase, export, restore, run, stands
from tests.databases import ROOT, database_url, login_session

LAST_TABLE = "workspace_members"


def start(*arguments: str) -> subprocess.Popen[str]:
    """`manage.py` as a process that can be killed."""
    variables = {**os.environ, "DATABASE_URL": database_url(connection.settings_dict["NAME"])}
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, env=variables, cwd=ROOT, **pipes)  # type: ignore[call-overload,no-any-return]


@contextmanager
def held(table: str) -> Iterator[psycopg.Connection[Any]]:
    """Nobody writes this table meanwhile."""
    with login_session() as session, session.transaction():
        session.execute(f"lock table {table} in share mode")
        yield session


def wait_until_blocked(session: psycopg.Connection[Any], process: subprocess.Popen[str]) -> None:
    """The process has come as far as the held table."""
    for _ in range(600):
        # Not pg_stat_activity: a transaction sees it as it was when it first looked.
        blocked = session.execute(
            "select count(*) from pg_locks l where not granted and exists (select from pg_locks h"
            " where h.pid = pg_backend_pid() and h.granted and h.relation = l.relation and h.database = l.database)"
        ).fetchone()
        if blocked and blocked[0]:
            return
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        time.sleep(0.05)
    raise AssertionError("it never came to the held table")


@pytest.fixture
def erased(sides: Any, archive: Path) -> Any:
    """An organization that is only in its archive."""
    org, rows = sides[0].org, digest_rows(sides[0].org.pk)
    export(org, archive)
    erase(org)
    return org, rows


def test_a_restore_that_is_killed_leaves_nothing_and_the_next_one_succeeds(erased, archive):
    org, rows = erased
    before = digest_others(org.pk)
    with held(LAST_TABLE) as session:
        process = start("restore_org", str(archive))
        wait_until_blocked(session, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not stands(org)
    wait_until_quiet()
    assert not AuditLog.objects.filter(org_id=org.pk).exists()
    assert digest_others(org.pk) == before
    restore(archive)
    assert digest_rows(org.pk) == rows


def test_an_erasure_that_is_killed_has_erased_nothing(sides):
    org, rows, log = sides[0].org, digest_rows(sides[0].org.pk), AuditLog.objects.filter(org_id=sides[0].org.pk).count()
    # The last thing of all: every row is deleted by then.
    with held("private.audit_erased") as session:
        process = start("erase_org", org.slug, "--yes")
        wait_until_blocked(session, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    wait_until_quiet()
    assert digest_rows(org.pk) == rows
    assert AuditLog.objects.filter(org_id=org.pk).count() == log
    erase(org)
    assert not stands(org)


def test_an_export_that_is_killed_leaves_no_archive(sides, archive):
    with login_session() as session, session.transaction():
        session.execute(f"lock table {LAST_TABLE} in access exclusive mode")
        process = start("export_org", sides[0].org.slug, "--to", str(archive))
        wait_until_blocked(session, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not archive.exists()
    export(sides[0].org, archive)


def test_of_two_restores_at_once_one_is_refused(erased, archive):
    org, rows = erased
    with held(LAST_TABLE) as session:
        first = start("restore_org", str(archive))
        wait_until_blocked(session, first)
        with pytest.raises(CommandError, match="another restore_org or erase_org is at work"):
            restore(archive)
    said, _ = first.communicate(timeout=60)
    assert first.returncode == 0, said
    assert digest_rows(org.pk) == rows
    with pytest.raises(CommandError, match="this organization is here"):
        restore(archive)


def test_others_write_all_the_while(sides, archive):
    """A writer of the other organization never fails, and what it wrote is there."""
    org, other = sides[0].org, sides[1].org
    done, failures = threading.Event(), []
    written = 0

    def write() -> None:
        nonlocal written
        try:
            with login_session() as session:
                while not done.is_set():
                    session.execute("insert into customers (org_id, name) values (%s, 'x')", [other.pk])
                    written += 1
        except psycopg.Error as error:
            failures.append(error)

    rows = digest_rows(org.pk)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        export(org, archive)
        erase(org)
        restore(archive)
    finally:
        done.set()
        writer.join()
    assert failures == []
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from customers where org_id = %s and name = 'x'", [other.pk])
        assert cursor.fetchone()[0] == written > 3
    assert digest_rows(org.pk) == rows
    run("verify_audit")


def test_an_export_is_of_one_moment(sides, archive):
    """Money and totals are changed in one transaction after the export has begun: neither is in the archive."""
    org, rows = sides[0].org, digest_rows(sides[0].org.pk)
    with login_session() as session, session.transaction():
        session.execute("lock table revenue in access exclusive mode")
        process = start("export_org", org.slug, "--to", str(archive))
        wait_until_blocked(session, process)
        session.execute("insert into revenue (org_id, customer_id, amount, date) select org_id, id, 5, now()"
                        " from customers where org_id = %s", [org.pk])  # fmt: skip
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    erase(org)
    restore(archive)
    assert digest_rows(org.pk) == rows


def test_what_a_slow_writer_brings_after_the_erasure_is_erased_too(sides):
    """A row has to ask its organization first, so it cannot be late; an entry of the log can."""
    org = sides[0].org
    with login_session() as session:
        with session.transaction():
            session.execute("select log_event('test.late', %s)", [org.pk])
            erase(org)
        assert AuditLog.objects.filter(org_id=org.pk).count() == 1
    erase(org.pk)
    assert not AuditLog.objects.filter(org_id=org.pk).exists()
    with login_session() as session, pytest.raises(psycopg.errors.ForeignKeyViolation):
        session.execute("insert into customers (org_id, name) values (%s, 'late')", [org.pk])


def wait_until_quiet() -> None:
    """The server notices a killed client a moment later."""
    for _ in range(600):
        with login_session() as session:
            others = session.execute(
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and xact_start is not null and pid <> pg_backend_pid()"
            ).fetchone()
            if others == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("the killed process still works")
