"""Runs checks against the connection's database, in a transaction that leaves nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection, transaction
from psycopg import errors, sql

from postgres.errors import first_line
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
        return compare(cursor, checks)


@contextmanager
def beside_expected() -> Iterator[Any]:
    """Let what should stand be there, beside what stands, until the block ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '5s'")
        build_expected(cursor)
        build_partitions(cursor, settings.TENANTRY_SCHEMA)
        try:
            yield cursor
        finally:
            transaction.set_rollback(True)


def compare(cursor: Any, checks: list[Check]) -> list[Finding]:
    """Ask these questions about what stands now."""
    # Without a path every name is written out, on both sides.
    cursor.execute("set local search_path = ''")
    write_tools(cursor)
    found = [finding for check in checks for finding in run_check(cursor, check)]
    return sorted(found, key=Finding.sort_key)


def write_tools(cursor: Any) -> None:
    """The checks' tools, which find what is not in the catalog in a table of settings."""
    version = connection.connection.info.server_version
    text = with_tools(TOOLS_FILE.read_text(encoding="utf-8"))
    schema, tail = text.split("\n\n", 1)
    cursor.execute(schema, None)
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
            if check.probe:
                return check.probe(cursor)
            cursor.execute(check.statement(), None)
            rows = cursor.fetchall()
            cursor.execute("set local statement_timeout = default")
    except (OperationalError, ProgrammingError) as error:
        if isinstance(error.__cause__, errors.QueryCanceled):
            reason = f"this check did not end within {SECONDS_PER_CHECK} seconds; nothing is known"
            return [Finding(check.name, Level.WARNING, "database", reason, f"manage.py doctor --check {check.name}")]
        if isinstance(error.__cause__, errors.UndefinedTable | errors.UndefinedColumn):
            reason = f"this check cannot be made: {first_line(error)}"
            return [Finding(check.name, Level.WARNING, "database", reason, "manage.py migrate")]
        raise
    return [Finding(check.name, Level(row[0]), *row[1:]) for row in rows]
