"""Old databases inside the demo: made from files as the login that converts them, which is to own them."""

from collections.abc import Iterable
from pathlib import Path

from django.db import connection

from postgres.names import fill
from tenants.backfill.phases.relations import as_login

MAY_MAKE_ROLES = "select rolcreaterole or rolsuper from pg_catalog.pg_roles where rolname = session_user"
# Makes a role: for logins that may.
APPLICATION = "application"


def schema_stands(schema: str) -> bool:
    """Whether the schema is there, converted or not."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regnamespace(%s) is not null", [schema])
        return bool(cursor.fetchone()[0])


def make_schema(folder: Path, files: Iterable[str]) -> None:
    """Schema, rows and the application's login."""
    with as_login(), connection.cursor() as cursor:
        cursor.execute(MAY_MAKE_ROLES)
        may_make_roles = cursor.fetchone()[0]
        for name in [*files, *([APPLICATION] if may_make_roles else [])]:
            cursor.execute(fill((folder / f"{name}.sql").read_text(encoding="utf-8")), None)
