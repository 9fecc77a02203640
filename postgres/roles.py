"""The five database roles, and the statements that make them before the first migration."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import DatabaseError
from psycopg import errors, sql

OWNER = "tenantry_owner"
API = "tenantry_api"
STAFF = "tenantry_staff"
SERVICE = "tenantry_service"
BATCH = "tenantry_batch"

# What each is for becomes the role's comment in the database.
PURPOSES = {
    OWNER: "Tenantry: owns tables and functions; migrations, commands and conversions act under it.",
    API: "Tenantry: what a client's request may do, within the organization of its verified claims.",
    STAFF: "Tenantry: what the console may do, within the console organization of its verified claims.",
    SERVICE: "Tenantry: what happens before or beside a person: sign-in, sign-up, invitations, sessions.",
    BATCH: "Tenantry: writes the batches of a conversion, so that triggers can tell them from live writes.",
}
ALL_ROLES = tuple(PURPOSES)
ATTEMPTS = 20


class RolesMissing(Exception):
    """The login may not make what is missing; `remedy` is the SQL that a DBA has to run."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True)
class Login:
    """The login a connection came in with."""

    name: str
    superuser: bool
    createrole: bool
    version: int


def read_login(cursor: Any) -> Login:
    """The session's login, whatever role it acts in."""
    cursor.execute(
        "select session_user, rolsuper, rolcreaterole, current_setting('server_version_num')::int"
        " from pg_catalog.pg_roles where rolname = session_user"
    )
    return Login(*cursor.fetchone())


def missing_statements(cursor: Any, login: Login) -> list[sql.Composed]:
    """CREATE ROLE and GRANT for what is not there yet."""
    cursor.execute("select rolname from pg_catalog.pg_roles where rolname = any(%s)", [list(ALL_ROLES)])
    present = {row[0] for row in cursor.fetchall()}
    statements = []
    for role in ALL_ROLES:
        if role not in present:
            statements += [
                sql.SQL("create role {} nologin noinherit").format(sql.Identifier(role)),
                sql.SQL("comment on role {} is {}").format(sql.Identifier(role), sql.Literal(PURPOSES[role])),
            ]
    return statements + missing_grants(cursor, login, present)


def kind_to_act(version: int) -> str:
    """What `pg_has_role` calls the right to act as a role: from 16 on its maker is a member who may not yet."""
    return "SET" if version >= 160000 else "MEMBER"


def missing_grants(cursor: Any, login: Login, present: set[str]) -> list[sql.Composed]:
    """The login must be able to act as every role, and to inherit the owner's rights only (15 cannot say which)."""
    statements = []
    for role in ALL_ROLES:
        if role in present:
            kind = kind_to_act(login.version)
            cursor.execute("select pg_has_role(%s::name, %s::name, %s)", [login.name, role, kind])
            if cursor.fetchone()[0]:
                continue
        options = f" with inherit {str(role == OWNER).lower()}, set true" if login.version >= 160000 else ""
        statements.append(sql.SQL("grant {} to {}" + options).format(sql.Identifier(role), sql.Identifier(login.name)))
    return statements


def ensure_roles(cursor: Any) -> None:
    """Make the roles that are missing, or say what a DBA has to type."""
    login = read_login(cursor)
    statements = missing_statements(cursor, login)
    if statements and not (login.createrole or login.superuser):
        remedy = ";\n".join(s.as_string(None) for s in statements) + ";"
        raise RolesMissing(f"the login {login.name} may not create the database roles Tenantry needs", remedy)
    for statement in statements:
        _retry_concurrent(partial(cursor.execute, statement))


def _retry_concurrent(run: Callable[[], Any]) -> None:
    """Roles belong to the whole cluster: another process may be making the same one right now."""
    for attempt in range(ATTEMPTS):
        try:
            run()
        except DatabaseError as error:
            if isinstance(error.__cause__, errors.DuplicateObject | errors.UniqueViolation):
                return
            # "tuple concurrently updated": XX000 has no narrower class.
            if not isinstance(error.__cause__, errors.InternalError_) or attempt == ATTEMPTS - 1:
                raise
        else:
            return


def ensure_access(cursor: Any, schema: str, database: str) -> None:
    """The owner role may create in our schema and database; the others may look into the schema."""
    for template in (
        "create schema if not exists {schema}",
        "grant usage, create on schema {schema} to {owner}",
        "grant create, connect on database {database} to {owner}",
        "grant usage on schema {schema} to {api}, {staff}, {service}, {batch}",
    ):
        names = {"schema": schema, "database": database, "owner": OWNER}
        names |= {"api": API, "staff": STAFF, "service": SERVICE, "batch": BATCH}
        statement = sql.SQL(template).format(**{k: sql.Identifier(v) for k, v in names.items()})
        _retry_concurrent(partial(cursor.execute, statement))
