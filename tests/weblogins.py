"""A real login of web processes in the test database, and connections that come in with it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from psycopg import pq, sql

from audit.claims import sign_ticket
from config.management.commands.web_login import make_login
from config.web_address import build_address
from postgres.roles import API, SERVICE, STAFF

SURFACE_ROLES = {"api": API, "console": STAFF, "service": SERVICE}


def make_test_login() -> str:
    """Make the login as `manage.py web_login` does; its name is this database's, for workers share the cluster."""
    name = f"{connection.settings_dict['NAME']}_web"
    password, _ = make_login(name, "all", "")
    return build_address(name, password)


def drop_test_login(url: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(url)["user"]
    with connection.cursor() as cursor:
        cursor.execute("select set_config('role', 'none', false)")
        cursor.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(str(name))))
    connection.close()


class WebSession:
    """One connection of a web process, spoken to in SQL, as an attacker who injects it would."""

    def __init__(self, url: str) -> None:
        self.raw = psycopg.connect(url)

    def enter(self, surface: str, **claims: Any) -> dict[str, Any]:
        """What tenants/scope.py does, without it."""
        given = {k: str(v) if isinstance(v, UUID) else v for k, v in claims.items() if v is not None}
        ticket = sign_ticket({**given, "surface": surface})
        answer: dict[str, Any] = self.one("select private.enter_scope(%s)::text", [ticket], loads=True)
        self.run(f"set local role {SURFACE_ROLES[surface]}")
        return answer

    def run(self, statement: Any, values: Any = None) -> list[Any]:
        with self.raw.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else [cursor.rowcount]

    def one(self, statement: Any, values: Any = None, *, loads: bool = False) -> Any:
        value = self.run(statement, values)[0][0]
        return json.loads(value) if loads else value

    def attempt(self, statement: Any, values: Any = None) -> "Outcome":
        """Run a statement in a savepoint of its own and undo it, whatever it did."""
        self.run("savepoint attempt")
        try:
            with self.raw.cursor() as cursor:
                cursor.execute(statement, values)
                rows = cursor.fetchall() if cursor.description else []
                return Outcome(rows=rows, changed=max(cursor.rowcount, 0))
        except psycopg.Error as error:
            return Outcome(error=error)
        finally:
            self.run("rollback to savepoint attempt")

    def rollback(self) -> None:
        self.raw.rollback()

    @property
    def idle(self) -> bool:
        return self.raw.info.transaction_status == pq.TransactionStatus.IDLE


class Outcome:
    """What a statement gave: rows, a count, or an error."""

    def __init__(self, rows: list[Any] | None = None, changed: int = 0, error: psycopg.Error | None = None) -> None:
        self.rows = rows or []
        self.changed = changed
        self.error = error

    @property
    def refused(self) -> bool:
        return isinstance(self.error, psycopg.errors.InsufficientPrivilege)

    @property
    def nothing(self) -> bool:
        """Refused, or without an effect."""
        return self.refused or (self.error is None and not self.rows and not self.changed)

    def words(self) -> str:
        """All that an attacker is told."""
        if self.error is None:
            return ""
        told = self.error.diag
        return " ".join(filter(None, [told.message_primary, told.message_detail, told.message_hint, told.context]))

    def __repr__(self) -> str:
        return f"Outcome(rows={self.rows!r}, changed={self.changed}, error={self.error!r})"


@contextmanager
def web_session(url: str) -> Iterator[WebSession]:
    session = WebSession(url)
    try:
        yield session
    finally:
        session.raw.close()
