"""The clinic tables as they were before organizations, in databases that stand before their conversion."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg import sql

from tests.databases import drop_database, login_session, manage, owner_session

OLD_FORM = """
create table dsos (id uuid primary key default gen_random_uuid(), name text not null);
create table doctors (
    id uuid primary key default gen_random_uuid(), name varchar(200) not null,
    dso_id uuid not null references dsos (id), created_at timestamptz default now());
create table user_dso_access (
    id uuid primary key default gen_random_uuid(), user_id uuid not null references users (id),
    dso_id uuid not null references dsos (id) on delete cascade, granted_at timestamptz);
"""
SETTINGS = {
    "TENANTRY_DEFAULT_ORG_SLUG": "all-solutions",
    "TENANTRY_DEFAULT_ORG_NAME": "All Solutions",
    "TENANTRY_DEFAULT_ORG_OWNER_EMAIL": "alan@example.org",
    "TENANTRY_DEFAULT_ORG_ADMIN_EMAILS": "claudia@example.org",
    "TENANTRY_REVOKE_ACCESS_EMAILS": "valentina@example.org",
}
TABLES = ("dsos", "doctors", "user_dso_access")
PEOPLE = ("alan@example.org", "claudia@example.org", "valentina@example.org")
UNSET = dict.fromkeys(SETTINGS, "")


def make_template(name: str) -> str:
    """A database where everything but the clinic migrations has run."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    full = f"{connection.settings_dict['NAME']}_{worker}_{name}"[:50]
    _recreate(full)
    # The accounts migrations after these need tenants migrations after the clinic ones.
    for step in (("audit",), ("accounts", "0012"), ("tenants", "0007")):
        done = manage("migrate", *step, database=full, **UNSET)
        assert done.returncode == 0, done.stdout + done.stderr
    return full


def _recreate(database: str, template: str = "template1") -> None:
    drop_database(database)
    with login_session("postgres") as session:
        names = sql.Identifier(database), sql.Identifier(template)
        session.execute(sql.SQL("create database {} template {}").format(*names))


@contextmanager
def copy_of(template: str, name: str) -> Iterator[str]:
    """A database of one test's own."""
    full = f"{template}_{name}"[:63]
    _recreate(full, template)
    try:
        yield full
    finally:
        drop_database(full)


def make_old_rows(database: str, dsos: int = 3, doctors: int = 300) -> None:
    """The old tables with rows; Valentina was let into every DSO by mistake."""
    with owner_session(database) as session:
        session.execute(OLD_FORM)
        for email in PEOPLE:
            session.execute("insert into users (email) values (%s)", [email])
        session.execute("insert into dsos (name) select 'DSO ' || g from generate_series(1, %s) g", [dsos])
        session.execute(
            "insert into doctors (name, dso_id) select 'Doctor ' || g, d.ids[1 + g %% cardinality(d.ids)]"
            " from generate_series(1, %s) g, (select array_agg(id) from dsos) d (ids)",
            [doctors],
        )
        session.execute(
            "insert into user_dso_access (user_id, dso_id) select u.id, d.id from users u, dsos d"
            " where u.email in ('claudia@example.org', 'valentina@example.org')"
        )


def convert(database: str, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run `migrate` with the settings of the conversion."""
    return manage("migrate", *arguments, database=database, **{**SETTINGS, **changed})


def convert_well(database: str, *arguments: str, **changed: str) -> None:
    done = convert(database, *arguments, **changed)
    assert done.returncode == 0, done.stdout + done.stderr


def fetch(database: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with owner_session(database) as session:
        return session.execute(query, parameters or None).fetchall()


def read_rows(database: str) -> dict[str, list[tuple[Any, ...]]]:
    """What the old tables held; no conversion may change it."""
    return {
        "dsos": fetch(database, "select id, name from dsos order by id"),
        "doctors": fetch(database, "select id, name, dso_id, created_at from doctors order by id"),
        "access": fetch(database, "select id, user_id, dso_id from user_dso_access order by id"),
    }
