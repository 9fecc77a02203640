"""The login of web processes: what it must be, what it is, and the statements between the two."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from postgres.roles import ALL_ROLES, API, BATCH, OWNER, SERVICE, STAFF, kind_to_act

SURFACES = {"api": (API, SERVICE), "console": (API, SERVICE, STAFF), "all": (API, SERVICE, STAFF)}
READ_ROLE = "select rolcanlogin, rolinherit from pg_catalog.pg_roles where rolname = %s"
# Before 16 the login alone decides what it inherits; since then every grant does.
READ_MEMBERSHIP = """
select pg_has_role(%(login)s::name, oid, %(kind)s), pg_has_role(%(login)s::name, oid, 'USAGE')
from pg_catalog.pg_roles where rolname = %(role)s
"""
READ_SETTINGS = """
select coalesce(setconfig, '{}') from pg_catalog.pg_db_role_setting
where setrole = (select oid from pg_catalog.pg_roles where rolname = %s)
    and setdatabase = (select oid from pg_catalog.pg_database where datname = current_database())
"""
# Whoever owns or was granted something here works here: the application that is being converted, for one.
READ_OTHERS = """
select distinct r.rolname from pg_catalog.pg_shdepend s join pg_catalog.pg_roles r on r.oid = s.refobjid
where s.refclassid = 'pg_catalog.pg_authid'::regclass and not r.rolsuper and r.rolname <> all (%s)
    and s.dbid = (select oid from pg_catalog.pg_database where datname = current_database())
order by 1
"""
READ_TEMPORARY = """
select has_database_privilege(%s, current_database(), 'TEMPORARY'),
    (select pg_has_role(session_user, datdba, 'USAGE') from pg_catalog.pg_database where datname = current_database())
"""


@dataclass(frozen=True)
class WebLogin:
    """A login as it is wanted; `secret` is an encrypted password, or empty to set none."""

    name: str
    surface: str
    schema: str
    database: str
    secret: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        return SURFACES[self.surface]

    def write(self, template: str, **names: str) -> sql.Composed:
        names = {"login": self.name, "database": self.database, "schema": self.schema, **names}
        return sql.SQL(template).format(**{k: sql.Identifier(v) for k, v in names.items()})


@dataclass(frozen=True)
class Step:
    """One statement, and what it does in words."""

    what: str
    statement: sql.Composed


def login_exists(cursor: Any, name: str) -> bool:
    cursor.execute(READ_ROLE, [name])
    return cursor.fetchone() is not None


def find_steps(cursor: Any, wanted: WebLogin, version: int) -> list[Step]:
    """What is missing; nothing when all is as it should be."""
    exists = login_exists(cursor, wanted.name)
    return [
        *role_steps(cursor, wanted),
        *membership_steps(cursor, wanted, version, exists),
        *setting_steps(cursor, wanted),
        *database_steps(cursor, wanted, exists),
    ]


def role_steps(cursor: Any, wanted: WebLogin) -> Iterator[Step]:
    """The login itself; an attribute that is dangerous was refused before."""
    password = sql.SQL(" password {}").format(sql.Literal(wanted.secret)) if wanted.secret else sql.SQL("")
    cursor.execute(READ_ROLE, [wanted.name])
    row = cursor.fetchone()
    if row is None:
        attributes = "login noinherit nosuperuser nobypassrls nocreaterole nocreatedb"
        yield Step("made the login", wanted.write(f"create role {{login}} {attributes}") + password)
    elif row != (True, False) or wanted.secret:
        did = "set a password" if row == (True, False) else "made it a login that inherits nothing"
        yield Step(did, wanted.write("alter role {login} login noinherit") + password)


def membership_steps(cursor: Any, wanted: WebLogin, version: int, exists: bool) -> Iterator[Step]:
    """It may take the roles of its surface, and has none of their rights before it does."""
    modern = version >= 160000
    options = " with inherit false, set true" if modern else ""
    for role in ALL_ROLES:
        may_take = inherits = False
        if exists:
            names = {"login": wanted.name, "role": role, "kind": kind_to_act(version)}
            cursor.execute(READ_MEMBERSHIP, names)
            may_take, inherits = cursor.fetchone()
        if role in wanted.roles and (not may_take or (inherits and modern)):
            yield Step(f"granted {role}", wanted.write(f"grant {{role}} to {{login}}{options}", role=role))
        if role not in wanted.roles and (may_take or inherits):
            yield Step(f"revoked {role}", wanted.write("revoke {role} from {login}", role=role))


def setting_steps(cursor: Any, wanted: WebLogin) -> Iterator[Step]:
    """Every session begins as `tenantry_api`; pools and pgbouncer keep it so, where SET ROLE would leak."""
    cursor.execute(READ_SETTINGS, [wanted.name])
    row = cursor.fetchone()
    cursor.execute("select quote_ident(%s) || ', pg_temp'", [wanted.schema])
    path = cursor.fetchone()[0]
    head = "alter role {login} in database {database} set "
    if f"role={API}" not in (row[0] if row else []):
        yield Step(f"begins as {API}", wanted.write(head + "role = {role}", role=API))
    if f"search_path={path}" not in (row[0] if row else []):
        yield Step(f"finds {wanted.schema}", wanted.write(head + "search_path = {schema}, pg_temp"))


def database_steps(cursor: Any, wanted: WebLogin, exists: bool) -> Iterator[Step]:
    """It connects, and makes no temporary tables: on a pooled connection they would await the next client's query."""
    probe = wanted.name if exists else API
    cursor.execute("select has_database_privilege(%s, current_database(), 'CONNECT')", [probe])
    if not cursor.fetchone()[0]:
        yield Step("may connect", wanted.write("grant connect on database {database} to {login}"))
    cursor.execute(READ_TEMPORARY, [probe])
    temporary, ours = cursor.fetchone()
    if not (temporary and ours):
        return
    cursor.execute(READ_OTHERS, [[*ALL_ROLES, wanted.name]])
    for other in [OWNER, BATCH, *(row[0] for row in cursor.fetchall())]:
        grant = wanted.write("grant temporary on database {database} to {other}", other=other)
        yield Step(f"{other} keeps temporary tables", grant)
    yield Step("no temporary tables", wanted.write("revoke temporary on database {database} from public"))
