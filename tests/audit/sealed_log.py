"""A log to seal, and a session that may tamper with it."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from audit.sealing import count_waiting, seal_log
from audit.verification import verify_log
from config.embedded.places import SUPERUSER
from tests.databases import login_dsn

# Other workers' transactions hold the horizon back, for all databases of a server.
PATIENCE_SECONDS = 60
PRIVATE = ("audit_seals", "audit_retired", "audit_heads", "audit_seal_cursor")


def write_events(org: uuid.UUID, count: int, action: str = "test.event") -> None:
    """Rows of the log for an organization, each with contents of its own, in one transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(log_event(%s, %s, 'things', n::text, jsonb_build_object('n', n, 'note', 'n' || n)))"
            " from generate_series(1, %s) n",
            [action, org, count],
        )


def seal_all(batch_rows: int = 1000) -> int:
    """Seal until nothing waits any more: transactions of other tests may still run."""
    sealed, deadline = 0, time.monotonic() + PATIENCE_SECONDS
    while True:
        sealed += seal_log(batch_rows=batch_rows).rows
        with connection.cursor() as cursor:
            if not count_waiting(cursor).rows:
                return sealed
        assert time.monotonic() < deadline, "a transaction on this server holds sealing back"
        time.sleep(0.02)


def sealed_org(rows: int) -> uuid.UUID:
    """An organization with a sealed chain."""
    org = uuid.uuid4()
    write_events(org, rows)
    seal_all()
    return org


def verify(org: uuid.UUID | None = None, **options: Any) -> Any:
    with connection.cursor() as cursor:
        return verify_log(cursor, org_id=org, **options)


@contextmanager
def tampering() -> Iterator[Any]:
    """A session that nothing stops, in a transaction that is undone: a superuser, or an owner who lifts the bars."""
    name = connection.settings_dict["NAME"]
    try:
        session = psycopg.connect(login_dsn(name, user=SUPERUSER, password=""))
        session.execute("set session_replication_role = replica")
    except psycopg.Error:
        session = psycopg.connect(login_dsn(name))
        session.execute("set role tenantry_owner")
        for table in ["audit_logs", *(f"private.{table}" for table in PRIVATE)]:
            session.execute(f"alter table {table} no force row level security")
        for table in ("audit_seals", "audit_retired"):
            session.execute(f"alter table private.{table} disable trigger user")
    session.execute("select set_config('search_path', %s, false)", ["public"])
    try:
        with session.cursor() as cursor:
            yield cursor
    finally:
        session.rollback()
        session.close()
