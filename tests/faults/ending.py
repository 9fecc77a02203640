"""`manage.py` as processes on the suite's database: held at a table, killed, cut off from the server, two at once."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from tests.databases import ROOT, database_url, login_session

# Not pg_stat_activity: a transaction sees it as it was when it first looked.
BLOCKED = """
select l.pid from pg_locks l where not l.granted and exists (select from pg_locks h
    where h.pid = pg_backend_pid() and h.granted and h.relation = l.relation and h.database = l.database)
"""
OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()
"""
TURNS = 600


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url(connection.settings_dict["NAME"]), **environment},
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=120)
    return process.returncode, said


@contextmanager
def held(table: str, mode: str = "share") -> Iterator[psycopg.Connection[Any]]:
    """Nobody writes this table meanwhile."""
    with login_session() as session, session.transaction():
        session.execute("set local role tenantry_owner")
        session.execute(f"lock table {table} in {mode} mode")
        yield session


def wait_until_blocked(session: psycopg.Connection[Any], *processes: subprocess.Popen[str]) -> list[int]:
    """The server's processes behind each of ours that came as far as the held table."""
    for _ in range(TURNS):
        blocked = [row[0] for row in session.execute(BLOCKED).fetchall()]
        if len(blocked) >= len(processes):
            return blocked
        for process in processes:
            assert process.poll() is None, process.stdout.read() if process.stdout else ""
        time.sleep(0.05)
    raise AssertionError("nobody came to the held table")


def wait_until_quiet() -> None:
    """The server notices a killed client a moment later."""
    for _ in range(TURNS):
        with login_session() as session:
            if session.execute(OTHERS).fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("the killed process still works")


def cut_off(pids: list[int]) -> None:
    """The server ends these sessions in the middle of what they do."""
    with login_session() as session:
        session.execute("select pg_terminate_backend(pid, 5000) from unnest(%s::int[]) pid", [pids])
