"""The demo's old database: schema `legacy`, a call-centre application from before organizations, to be converted."""

from pathlib import Path
from typing import Any

from django.db import connection

from postgres.names import fill

FOLDER = Path(__file__).parent
# Tables, then rows, in the order of their foreign keys.
FILES = ("people", "reference", "calls", "campaigns", "knowledge", "billing", "rows_people", "rows_work", "rows_rest")
MAY_MAKE_ROLES = "select rolcreaterole or rolsuper from pg_catalog.pg_roles where rolname = session_user"


def legacy_stands() -> bool:
    """Whether the schema is there, converted or not."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regnamespace('legacy') is not null")
        return bool(cursor.fetchone()[0])


def build_legacy() -> None:
    """Make schema, rows and the application's login, owned by the login that converts them."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('role')")
        role = cursor.fetchone()[0]
        cursor.execute("set local role none")
        for name in FILES:
            _run_file(cursor, name)
        cursor.execute(MAY_MAKE_ROLES)
        if cursor.fetchone()[0]:
            _run_file(cursor, "application")
        cursor.execute("select set_config('role', %s, true)", [role])


def _run_file(cursor: Any, name: str) -> None:
    cursor.execute(fill((FOLDER / f"{name}.sql").read_text(encoding="utf-8")), None)
