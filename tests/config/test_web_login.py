"""Making the login of web processes."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from config.management.commands import web_login
from config.web_address import build_address, password_of
from postgres.roles import API, BATCH, OWNER, SERVICE, STAFF

pytestmark = pytest.mark.django_db


@pytest.fixture
def name(db: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A login of this test database, gone with the test's transaction."""
    monkeypatch.delenv("APP_DATABASE_URL", raising=False)
    return f"{connection.settings_dict['NAME']}_new"


def make(name: str, *arguments: str) -> str:
    said = io.StringIO()
    call_command("web_login", "--name", name, *arguments, stdout=said)
    return said.getvalue()


def ask(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def takes(name: str, role: str) -> bool:
    return bool(ask("select pg_has_role(%s::name, %s::name, 'MEMBER')", name, role))


def test_the_login_can_do_nothing_by_itself(name):
    make(name)
    rights = "(rolcanlogin, rolinherit, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb)::text"
    assert ask(f"select {rights} from pg_roles where rolname = %s", name) == "(t,f,f,f,f,f)"
    assert not any(ask("select pg_has_role(%s::name, %s::name, 'USAGE')", name, r) for r in (API, STAFF, SERVICE))


def test_it_takes_the_roles_of_the_web_and_no_others(name):
    make(name)
    assert [takes(name, r) for r in (API, STAFF, SERVICE, BATCH, OWNER)] == [True, True, True, False, False]


def test_its_sessions_begin_as_the_api_role_in_our_schema(name):
    make(name)
    settings = ask("select setconfig from pg_db_role_setting where setrole = to_regrole(%s)", name)
    assert settings == [f"role={API}", "search_path=public, pg_temp"]


def test_it_says_what_it_did_and_where_to_find_it(name):
    said = make(name)
    assert f"{name}: made the login" in said
    assert f"{name}: granted {STAFF}" in said
    assert said.splitlines()[-1] == f"APP_DATABASE_URL={build_address(name, '')}"


def test_the_second_time_nothing_is_changed(name):
    make(name)
    assert "nothing was changed" in make(name)


def test_the_api_alone_takes_no_staff_role(name):
    make(name, "--surface", "api")
    assert [takes(name, r) for r in (API, SERVICE, STAFF)] == [True, True, False]


def test_a_narrower_surface_takes_roles_away(name):
    make(name)
    assert f"revoked {STAFF}" in make(name, "--surface", "api")
    assert not takes(name, STAFF)


def test_what_somebody_changed_is_put_right(name):
    make(name)
    with connection.cursor() as cursor:
        cursor.execute("set local role none")
        cursor.execute(f"alter role {name} inherit; grant tenantry_batch to {name}")
        cursor.execute(f"alter role {name} in database {connection.settings_dict['NAME']} reset role")
        cursor.execute("set local role tenantry_owner")
    said = make(name)
    for did in ("made it a login that inherits nothing", f"revoked {BATCH}", f"begins as {API}"):
        assert did in said
    assert "nothing was changed" in make(name)


def test_it_makes_no_temporary_tables_and_whoever_worked_here_still_does(name):
    other = f"{name}_old"
    with connection.cursor() as cursor:
        cursor.execute("set local role none")
        cursor.execute(f"create role {other} login; grant usage on schema public to {other}")
        cursor.execute(f"grant temporary on database {connection.settings_dict['NAME']} to public")
        cursor.execute("set local role tenantry_owner")
        cursor.execute(f"create table kept (id int); grant select on kept to {other}")
    make(name)
    may = "select has_database_privilege(%s, current_database(), 'TEMPORARY')"
    assert [ask(may, role) for role in (name, API, other, OWNER)] == [False, False, True, True]


def test_the_owner_goes_on_as_the_owner(name):
    make(name)
    assert ask("select current_user::text") == OWNER


@pytest.mark.parametrize(
    ("login", "danger"), [("session_user", "has CREATEROLE"), (OWNER, "is a member of"), ("postgres", "is a superuser")]
)
def test_a_login_that_is_more_than_that_is_refused(login, danger, name):
    if login == "session_user":
        login = ask("select session_user")
    with pytest.raises(CommandError, match=danger):
        make(login)


def test_a_dry_run_prints_the_sql_and_changes_nothing(name):
    said = make(name, "--dry-run")
    assert f'create role "{name}" login noinherit' in said
    assert f'set role = "{API}";' in said
    assert ask("select to_regrole(%s)", name) is None


def test_over_tcp_a_password_is_made_shown_once_and_sent_encrypted(name, monkeypatch):
    monkeypatch.setattr(web_login, "needs_password", lambda name: not web_login_exists(name))
    sent: list[str] = []

    def listen(run: Any, statement: Any, *rest: Any) -> Any:
        sent.append(str(statement))
        return run(statement, *rest)

    with connection.execute_wrapper(listen):
        password = make(name).splitlines()[-1].partition(f"//{name}:")[2].partition("@")[0]
    assert len(password) >= 32
    assert any("SCRAM-SHA-256" in statement for statement in sent)
    assert not any(password in statement for statement in sent)
    assert password not in make(name)


def web_login_exists(name: str) -> bool:
    return ask("select to_regrole(%s)", name) is not None


def test_login_and_password_may_be_given_in_the_address(name):
    url = f"postgresql://{name}:given@pooler.example:6432/tenantry"
    said = io.StringIO()
    call_command("web_login", "--url", url, stdout=said)
    assert f"{name}: made the login" in said.getvalue()
    assert said.getvalue().splitlines()[-1] == f"APP_DATABASE_URL={url}"


def test_an_address_in_the_environment_names_the_login(name, monkeypatch):
    monkeypatch.setenv("APP_DATABASE_URL", f"postgresql://{name}@/x?host=/nowhere")
    said = io.StringIO()
    call_command("web_login", stdout=said)
    assert f"{name}: made the login" in said.getvalue()


def test_a_new_password_is_not_the_one_that_the_environment_knows(name, monkeypatch):
    make(name)
    monkeypatch.setenv("APP_DATABASE_URL", f"postgresql://{name}:leaked@pooler.example:6432/tenantry?sslmode=require")
    said = make(name, "--new-password")
    address = said.splitlines()[-1].removeprefix("APP_DATABASE_URL=")
    assert f"{name}: set a password" in said
    assert len(password_of(address)) >= 32
    assert address == f"postgresql://{name}:{password_of(address)}@pooler.example:6432/tenantry?sslmode=require"


def test_another_login_than_that_of_the_environment_is_told_its_own_address(name, monkeypatch):
    monkeypatch.setenv("APP_DATABASE_URL", "postgresql://somebody:secret@pooler.example:6432/tenantry")
    assert make(name).splitlines()[-1] == f"APP_DATABASE_URL={build_address(name, '')}"


@pytest.mark.parametrize(
    ("arguments", "why"), [(["--new-password"], "brings the password"), (["--name", "other"], "names the login 'web'")]
)
def test_an_address_and_what_contradicts_it_are_refused(name, arguments, why):
    with pytest.raises(CommandError, match=why):
        call_command("web_login", "--url", "postgresql://web:given@db.example/tenantry", *arguments)


@pytest.mark.django_db(transaction=True)
def test_a_login_that_may_not_make_roles_is_given_the_sql_for_a_dba(name):
    plain = f"{connection.settings_dict['NAME']}_plain"
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        cursor.execute(f"create role {plain} login")
    try:
        done = subprocess.run(
            [sys.executable, "manage.py", "web_login", "--name", name],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=Path(__file__).resolve().parents[2],
            env={**os.environ, "DATABASE_URL": build_address(plain, "")},
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"drop role {plain}")
        connection.close()
    assert done.returncode != 0
    assert f"This login may not make {name}" in done.stderr
    assert f'create role "{name}" login noinherit' in done.stderr
    assert f'grant "{API}" to "{name}"' in done.stderr


def test_the_address_keeps_what_a_url_must_escape(name):
    url = build_address("a@b", "p/w:#")
    parts = conninfo_to_dict(url)
    assert (parts["user"], parts["password"]) == ("a@b", "p/w:#")
    assert parts["dbname"] == connection.settings_dict["NAME"]
