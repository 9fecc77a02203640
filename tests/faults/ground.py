"""A database of a test's own with an old application in it, and the command that converts it, from outside."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from tests.databases import ROOT, database_url, django_on, drop_database, login_dsn, manage

COMMAND = "backfill_org_ids"
PASSWORD = "old application"
ACCESS = (
    "grant create, connect on database {database} to tenantry_owner",
    "grant connect on database {database} to tenantry_api, tenantry_staff, tenantry_service, tenantry_batch",
)
Row = tuple[Any, ...]
Section = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass
class Ground:
    """A migrated database, the roles of an old application, and its people."""

    database: str
    folder: Path
    prefix: str
    plan: Path = field(init=False)

    def __post_init__(self) -> None:
        self.plan = self.folder / "conversion.toml"

    @property
    def owner(self) -> str:
        """The role that owns the old application's tables; the converting login is a member of it."""
        return f"{self.prefix}_owner"

    @property
    def app(self) -> str:
        """The login of the old application."""
        return f"{self.prefix}_app"

    @property
    def dsn(self) -> str:
        return login_dsn(self.database)

    @property
    def app_dsn(self) -> str:
        return login_dsn(self.database, user=self.app, password=PASSWORD)

    def run(self, statement: Any, parameters: Sequence[Any] | None = None, *, role: str = "none") -> list[Row]:
        """One statement, or several without parameters, in a role, committed."""
        with psycopg.connect(self.dsn, autocommit=True) as session:
            session.execute("select set_config('role', %s, false)", [role])
            cursor = session.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def run_ours(self, statement: Any, parameters: Sequence[Any] | None = None) -> list[Row]:
        """In the role that owns Tenantry's tables."""
        return self.run(statement, parameters, role="tenantry_owner")

    def run_as_app(self, statement: Any, parameters: Sequence[Any] | None = None) -> list[Row]:
        with psycopg.connect(self.app_dsn, autocommit=True) as session:
            cursor = session.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def build(self, schema: str, tables: str) -> None:
        """Let the old owner make a schema; the old application may use all of it."""
        name, app = sql.Identifier(schema).as_string(None), sql.Identifier(self.app).as_string(None)
        owner = sql.Identifier(self.owner).as_string(None)
        self.run(f"create schema {name} authorization {owner}")
        self.run(f"set search_path = {name}; {tables}", role=self.owner)
        self.run(
            f"grant usage on schema {name} to {app};"
            f"grant select, insert, update, delete on all tables in schema {name} to {app};"
            f"grant usage on all sequences in schema {name} to {app}",
            role=self.owner,
        )

    def convert(self, *arguments: str) -> Outcome:
        """The command in this process."""
        out, err = io.StringIO(), io.StringIO()
        with django_on(self.database):
            try:
                call_command(COMMAND, *arguments, stdout=out, stderr=err)
            except CommandError as error:
                return Outcome(error.returncode, out.getvalue(), f"{err.getvalue()}{error}")
        return Outcome(0, out.getvalue(), err.getvalue())

    def on_plan(self, verb: str, *arguments: str) -> Outcome:
        return self.convert(verb, "--plan", str(self.plan), *arguments)

    def must(self, verb: str, *arguments: str) -> Outcome:
        """The same, and nothing else than success will do."""
        outcome = self.on_plan(verb, *arguments)
        assert outcome.code == 0, f"{verb} {arguments}: {outcome.said}"
        return outcome

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The command as a process of its own, and leader of its group."""
        return subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "DATABASE_URL": database_url(self.database)},
            cwd=ROOT,
            start_new_session=True,
        )

    def start_on_plan(self, verb: str, *arguments: str) -> subprocess.Popen[str]:
        return self.start(verb, "--plan", str(self.plan), *arguments)

    def write_plan(self, schemas: Sequence[str], tables: dict[str, Section], people: Section | None = None) -> None:
        """A plan as somebody writes it by hand: without a fingerprint."""
        self.plan.write_text(compose_plan(schemas, tables, people), encoding="utf-8")

    def add_person(self, mail: str, *, staff: bool = False) -> str:
        """Somebody with an organization of their own; staff have none."""
        insert = "insert into users (email, is_staff) values (%s, %s) returning id::text"
        return str(self.run_ours(insert, [mail, staff])[0][0])

    def org_of(self, person: str) -> str:
        return str(self.run_ours("select id::text from organizations where created_by_id = %s", [person])[0][0])

    def slug_of(self, org: str) -> str:
        return str(self.run_ours("select slug from organizations where id = %s", [org])[0][0])

    def add_member(self, org: str, person: str, *, state: str = "active", joined: str = "2020-01-01") -> None:
        self.run_ours(
            "insert into org_members (org_id, user_id, role, state, joined_at) values (%s, %s, 'member', %s, %s)",
            [org, person, state, joined],
        )


def compose_plan(schemas: Sequence[str], tables: dict[str, Section], people: Section | None = None) -> str:
    """TOML's basic strings read JSON's."""
    lines = [f"schemas = {json.dumps(list(schemas))}", ""]
    if people:
        lines += ["[people]", *(f"{key} = {json.dumps(value)}" for key, value in people.items()), ""]
    for name, section in tables.items():
        lines += [f"[tables.{json.dumps(name)}]", *(f"{key} = {json.dumps(value)}" for key, value in section.items())]
    return "\n".join(lines) + "\n"


def make_template(name: str, *, keep: bool) -> None:
    """A migrated database to copy: the kept one if there is any, which migrations may have come after."""
    if not (keep and has_database(name)):
        begin_template(name)
    done = manage("migrate", database=name)
    assert done.returncode == 0, done.stderr


def begin_template(name: str) -> None:
    """A copy of the suite's own where it stands and nobody is in it, else an empty one."""
    source = connection.settings_dict["NAME"]
    connection.close()
    drop_database(name)
    with psycopg.connect(login_dsn("postgres"), autocommit=True) as session:
        try:
            # Without tests that ask for it there is none of the suite's, and the name is that of a real one.
            session.execute(copy_database(name, source if source.startswith("test_") else ""))
        except (psycopg.errors.ObjectInUse, psycopg.errors.InvalidCatalogName, psycopg.errors.SyntaxError):
            session.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def copy_database(name: str, source: str) -> sql.Composed:
    return sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(source))


@contextmanager
def new_ground(template: str, name: str, folder: Path) -> Iterator[Ground]:
    """A copy of the template with roles of its own; nothing of either is left."""
    ground = Ground(f"{template}_{name}"[:63], folder, f"{template}_{name}"[:50])
    drop_ground(ground)
    with psycopg.connect(login_dsn("postgres"), autocommit=True) as session:
        session.execute(copy_database(ground.database, template))
        for grant in ACCESS:
            session.execute(sql.SQL(grant).format(database=sql.Identifier(ground.database)))
        owner, app = sql.Identifier(ground.owner), sql.Identifier(ground.app)
        session.execute(sql.SQL("create role {}").format(owner))
        session.execute(sql.SQL("create role {} login password {}").format(app, sql.Literal(PASSWORD)))
        # As a DBA would: the converting login is a member of the owner and inherits its rights.
        session.execute(sql.SQL("grant {} to session_user").format(owner))
        session.execute(
            sql.SQL("grant connect, create on database {} to {}, {}").format(
                sql.Identifier(ground.database), owner, app
            )
        )
    try:
        yield ground
    finally:
        drop_ground(ground)


def has_database(name: str) -> bool:
    with psycopg.connect(login_dsn("postgres"), autocommit=True) as session:
        return bool(session.execute("select 1 from pg_database where datname = %s", [name]).fetchone())


def drop_ground(ground: Ground) -> None:
    drop_database(ground.database)
    with psycopg.connect(login_dsn("postgres"), autocommit=True) as session:
        found = session.execute(
            "select rolname from pg_roles where rolname = any(%s)",
            [[ground.owner, ground.app, f"{ground.prefix}_other"]],
        )
        for (role,) in found.fetchall():
            session.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))
