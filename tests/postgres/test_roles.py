"""The five roles: made by a login that may, spelled out for a DBA by one that may not, and harmless."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from postgres import roles
from postgres.roles import ALL_ROLES, OWNER, RolesMissing, ensure_access, ensure_roles, read_login
from tests.databases import login_session, scratch_database


def own_name(role: str) -> str:
    """Roles belong to the whole server: workers that run these at once must not meet."""
    return f"{role}_{connection.settings_dict['NAME']}"[:63]


@pytest.fixture
def poor(db) -> Iterator[str]:
    """A login without CREATEROLE that was granted nothing."""
    poor = own_name("poor")
    with login_session() as session:
        session.execute(f"drop role if exists {poor}")
        session.execute(f"create role {poor} login")
        yield poor
        session.execute(f"drop role {poor}")


@pytest.fixture
def other_names(monkeypatch) -> Iterator[tuple[str, ...]]:
    """Roles under names of the test's own: those of the suite stay as they are."""
    names = {own_name(role): purpose for role, purpose in roles.PURPOSES.items()}
    monkeypatch.setattr(roles, "PURPOSES", names)
    monkeypatch.setattr(roles, "ALL_ROLES", tuple(names))
    monkeypatch.setattr(roles, "OWNER", own_name(OWNER))
    drop = sql.SQL("drop role if exists {}")
    with login_session("postgres") as session:
        for name in names:
            session.execute(drop.format(sql.Identifier(name)))
        yield tuple(names)
        for name in names:
            session.execute(drop.format(sql.Identifier(name)))


def test_a_login_that_may_not_make_roles_is_given_the_sql_for_a_dba(poor):
    with login_session("postgres", user=poor, password="") as session, pytest.raises(RolesMissing) as refusal:
        ensure_roles(session.cursor())
    assert poor in str(refusal.value)
    for role in ALL_ROLES:
        assert f'grant "{role}" to "{poor}"' in refusal.value.remedy


def test_the_sql_for_a_dba_does_what_is_missing(poor, other_names):
    with login_session("postgres", user=poor, password="") as asking, pytest.raises(RolesMissing) as refusal:
        ensure_roles(asking.cursor())
    with login_session("postgres") as dba:
        dba.execute(refusal.value.remedy)
    with login_session("postgres", user=poor, password="") as asking:
        ensure_roles(asking.cursor())
        asking.execute(f"set role {other_names[0]}")


def test_roles_are_made_by_two_at_once(db, other_names):
    failures: list[Exception] = []
    together = threading.Barrier(3)

    def make() -> None:
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("reset role")
                together.wait(10)
                ensure_roles(cursor)
        except Exception as error:
            failures.append(error)
        finally:
            other.close()

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    with login_session("postgres") as session:
        made = session.execute("select count(*) from pg_roles where rolname = any(%s)", [list(other_names)]).fetchone()
    assert made == (5,)


def test_making_them_again_changes_nothing(db):
    with login_session() as session:
        cursor = session.cursor()
        assert roles.missing_statements(cursor, read_login(cursor)) == []


def test_no_role_logs_in_or_holds_a_dangerous_right(db):
    with login_session() as session:
        rows = session.execute(
            "select rolname from pg_roles where rolname = any(%s) and (rolcanlogin or rolsuper or rolbypassrls"
            " or rolcreaterole or rolcreatedb or rolreplication or rolinherit)",
            [list(ALL_ROLES)],
        ).fetchall()
    assert rows == []


def test_no_role_is_a_member_of_another_of_ours(db):
    with login_session() as session:
        rows = session.execute(
            "select r.rolname, m.rolname from pg_auth_members a join pg_roles r on r.oid = a.roleid"
            " join pg_roles m on m.oid = a.member where r.rolname = any(%(ours)s) and m.rolname = any(%(ours)s)",
            {"ours": list(ALL_ROLES)},
        ).fetchall()
    assert rows == []


def test_every_role_says_what_it_is_for(db):
    with login_session() as session:
        rows = session.execute(
            "select rolname, shobj_description(oid, 'pg_authid') from pg_roles where rolname = any(%s)",
            [list(ALL_ROLES)],
        ).fetchall()
    assert dict(rows) == roles.PURPOSES


def test_only_the_owner_may_create_in_our_schema(db):
    with login_session() as session:
        rows = session.execute(
            "select r from unnest(%s::text[]) r where has_schema_privilege(r, 'public', 'create')", [list(ALL_ROLES)]
        ).fetchall()
    assert rows == [(OWNER,)]


def test_access_is_given_twice_without_harm(db):
    with scratch_database("access") as database, login_session(database) as session:
        cursor = session.cursor()
        for _ in range(2):
            ensure_access(cursor, "odd schema", database)
        assert cursor.execute("select has_schema_privilege(%s, 'odd schema', 'create')", [OWNER]).fetchone() == (True,)


def test_a_retry_gives_up_on_what_is_no_race(db):
    with login_session() as session, pytest.raises(psycopg.errors.UndefinedTable):
        roles._retry_concurrent(lambda: session.execute("select * from nowhere"))


def test_a_login_connects_while_another_process_stands_between_making_a_role_and_granting_it(db):
    role = own_name("halfway")
    other = connection.copy()
    other.settings_dict["OPTIONS"]["owner_role"] = role
    with login_session() as session:
        session.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
        try:
            with other.cursor() as cursor:
                cursor.execute("select current_user = session_user")
                assert cursor.fetchone() == (True,)
        finally:
            other.close()
            session.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))
