"""The only place that sets claims: a scope is the part of a transaction during which somebody acts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg import Cursor, pq, sql

from audit.claims import sign_ticket
from postgres.roles import API, OWNER, SERVICE, STAFF

ROLES = {"api": API, "console": STAFF, "service": SERVICE}
OUTSIDE = "a scope needs a transaction: open it first, `with transaction.atomic():`"


class ScopeError(Exception):
    """A scope that cannot be entered as it was asked for; a mistake in the program."""


class ScopeRefused(Exception):
    """The database does not let this person act; `status` says why (nobody, no-active-organization, …)."""

    def __init__(self, status: str) -> None:
        super().__init__(f"not let in: {status}")
        self.status = status


@dataclass(frozen=True, eq=False)
class Scope:
    """Who acts, for which organization, through what; `before` is what leaving puts back."""

    surface: str
    status: str = "ok"
    claims: dict[str, Any] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def user_id(self) -> UUID | None:
        return UUID(self.claims["sub"]) if self.claims.get("sub") else None

    @property
    def org_id(self) -> UUID | None:
        return UUID(self.claims["org_id"]) if self.claims.get("org_id") else None

    @property
    def role(self) -> str | None:
        return self.claims.get("user_role")

    @property
    def all_orgs(self) -> bool:
        return bool(self.claims.get("all_orgs"))


def current_scope() -> Scope | None:
    """The innermost scope of this connection."""
    scopes = _scopes()
    return scopes[-1] if scopes else None


def enter_scope(surface: str, **claims: Any) -> Scope:
    """Enter, in one message to the database; pair it with `leave_scope`, or let the transaction end with it."""
    if not connection.in_atomic_block:
        raise ScopeError(OUTSIDE)
    outer = current_scope()
    if outer and outer.org_id and "org_id" not in claims:
        claims["org_id"] = outer.org_id
    given = {k: str(v) if isinstance(v, UUID) else v for k, v in claims.items() if v is not None}
    answer = _send_ticket(ROLES[surface], sign_ticket({**given, "surface": surface}))
    scope = Scope(surface, answer["status"], answer.get("claims", {}), answer["before"])
    if scope.status == "nobody":
        _put_back(scope)
        raise ScopeRefused(scope.status)
    _scopes().append(scope)
    return scope


def leave_scope(scope: Scope) -> None:
    """Put role and claims back: a released savepoint keeps them. A failed transaction takes them along by itself."""
    scopes = _scopes()
    if scope in scopes:
        del scopes[scopes.index(scope) :]
    _put_back(scope)


@contextmanager
def api_scope(user_id: UUID, org_id: UUID | None, **more: Any) -> Iterator[Scope]:
    """A client's request, as the membership row of now allows."""
    with _entered("api", sub=user_id, org_id=org_id, **more) as scope:
        yield scope


@contextmanager
def staff_scope(user_id: UUID, org_id: UUID | None = None, *, all_orgs: bool = False, **more: Any) -> Iterator[Scope]:
    """The console, in one organization, or in all of them for superusers."""
    with _entered("console", sub=user_id, org_id=org_id, all_orgs=all_orgs or None, **more) as scope:
        yield scope


@contextmanager
def service_scope(reason: str, **more: Any) -> Iterator[Scope]:
    """What happens before or beside a person, with the reason that the log will show."""
    with _entered("service", reason=reason, **more) as scope:
        yield scope


@contextmanager
def owner_scope(job: str, reason: str = "", *, batch_id: UUID | None = None) -> Iterator[None]:
    """A command's or a migration's own work: needs the owning login, which web processes do not have."""
    if not connection.in_atomic_block:
        raise ScopeError(OUTSIDE)
    settings = {"role": OWNER, "tenantry.job": job, "tenantry.reason": reason, "tenantry.batch_id": str(batch_id or "")}
    settings |= {"request.jwt.claims": "", "request.jwt.signature": ""}
    before = _read_settings(list(settings))
    _write_settings(settings)
    _scopes().append(Scope("database"))
    try:
        yield
    finally:
        _scopes().pop()
        if not _failed():
            _write_settings(before)


@contextmanager
def request_scope(surface: str, **claims: Any) -> Iterator[Scope]:
    """A transaction with its scope, for a whole request: its end takes the claims along, without a message more."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        scope = enter_scope(surface, **claims)
        try:
            yield scope
        finally:
            if outermost:
                _scopes().clear()
            else:
                leave_scope(scope)


@contextmanager
def _entered(surface: str, **claims: Any) -> Iterator[Scope]:
    scope = enter_scope(surface, **claims)
    try:
        yield scope
    finally:
        leave_scope(scope)


def _scopes() -> list[Scope]:
    """The stack of this connection; a new connection begins with none."""
    key = id(connection.connection)
    held: tuple[int, list[Scope]] | None = getattr(connection, "_tenantry_scopes", None)
    if held is None or held[0] != key:
        held = (key, [])
        connection._tenantry_scopes = held  # type: ignore[attr-defined]
    return held[1]


def _send_ticket(role: str, ticket: str) -> dict[str, Any]:
    """BEGIN, the ticket and the role travel together: one round trip.

    The ticket is bound by the server: Django's own cursors write values into the text, which pg_stat_activity shows.
    """
    connection.ensure_connection()
    raw = connection.connection
    with connection.wrap_database_errors, Cursor(raw) as asking, Cursor(raw) as changing:
        begins_here = _take_over_begin(raw)
        with raw.pipeline():
            if begins_here:
                changing.execute("begin")
            # Text, because Django's connections leave JSON to its fields.
            asking.execute("select private.enter_scope(%s)::text", [ticket])
            changing.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        row = asking.fetchone()
    answer: dict[str, Any] = json.loads(row[0] if row else "{}")
    return answer


def _take_over_begin(raw: Any) -> bool:
    """Psycopg waits for its BEGIN, in a pipeline too; in autocommit it sends ours along. Django ends what it began."""
    idle = raw.info.transaction_status == pq.TransactionStatus.IDLE
    if not (idle and connection.commit_on_exit and raw.isolation_level is None):
        return False
    raw.autocommit = True
    return True


def _put_back(scope: Scope) -> None:
    if not _failed():
        before = scope.before
        _write_settings(
            {
                "role": before["role"],
                "request.jwt.claims": before["claims"],
                "request.jwt.signature": before["signature"],
            }
        )


def _failed() -> bool:
    """Whether the transaction can take no more statements; its rollback restores what it found."""
    raw = connection.connection
    return raw is None or raw.closed or raw.info.transaction_status != pq.TransactionStatus.INTRANS


def _read_settings(names: list[str]) -> dict[str, str]:
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute("select n, coalesce(current_setting(n, true), '') from unnest(%s::text[]) n", [names])
        return dict(cursor.fetchall())


def _write_settings(values: dict[str, str]) -> None:
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(
            "select set_config(n, v, true) from unnest(%s::text[], %s::text[]) as s (n, v)",
            [list(values), list(values.values())],
        )
