"""Runs checks against the connection's database, in a transaction that leaves nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg import errors, sql

from postgres.versions import find_fault
from tenants.doctor.checks import TOOLS, Check, choose_checks, with_tools
from tenants.doctor.expected import build_expected, build_partitions
from tenants.doctor.findings import Finding, Level

TOOLS_FILE = Path(__file__).parent / "tools.sql"
# A data check on a huge table is cut off, and says so.
SECONDS_PER_CHECK = 20


def examine(names: list[str] | None = None) -> list[Finding]:
    """Run these checks, or all, and list what they find, errors first."""
    checks = choose_checks(names)
    with beside_expected() as cursor:
        found = [finding for check in checks for finding in run_check(cursor, check)]
    return sorted(found, key=Finding.sort_key)


@contextmanager
def beside_expected() -> Iterator[Any]:
    """Let what should stand be there, beside what stands, until the block ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '5s'")
        build_expected(cursor)
        build_partitions(cursor, settings.TENANTRY_SCHEMA)
        # Without a path every name is written out, on both sides.
        cursor.execute("set local search_path = ''")
        write_tools(cursor)
        try:
            yield cursor
        finally:
            transaction.set_rollback(True)


def write_tools(cursor: Any) -> None:
    """The checks' tools, which find what is not in the catalog in a table of settings."""
    version = connection.connection.info.server_version
    text = with_tools(TOOLS_FILE.read_text(encoding="utf-8"))
    head, tail = text.split(";\n", 1)
    cursor.execute(head, None)
    cursor.execute(
        sql.SQL("create table {}.settings as select {} as schema, {}::int as months, {} as version_fault").format(
            sql.Identifier(TOOLS), settings.TENANTRY_SCHEMA, settings.TENANTRY_MONTHS_AHEAD, find_fault(version)
        )
    )
    cursor.execute(tail, None)


def run_check(cursor: Any, check: Check) -> list[Finding]:
    """Ask one question; one that takes too long is a finding itself."""
    try:
        with transaction.atomic():
            cursor.execute(f"set local statement_timeout = '{SECONDS_PER_CHECK}s'")
            cursor.execute(check.statement(), None)
            rows = cursor.fetchall()
            cursor.execute("set local statement_timeout = default")
    except OperationalError as error:
        if not isinstance(error.__cause__, errors.QueryCanceled):
            raise
        reason = f"this check did not end within {SECONDS_PER_CHECK} seconds; nothing is known"
        return [Finding(check.name, Level.WARNING, "database", reason, f"manage.py doctor --check {check.name}")]
    return [Finding(check.name, Level(row[0]), *row[1:]) for row in rows]
