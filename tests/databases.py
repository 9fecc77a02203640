"""Databases of a test's own: made beside the suite's, migrated as people do, and dropped afterwards."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
Row = tuple[Any, ...]
ATTEMPTS = 120
TABLES = """
    select n.nspname, c.relname
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and c.relname <> 'doctor_runs'
        and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
"""
HASH = "select count(*), md5(coalesce(string_agg(md5(t::text), '' order by md5(t::text)), '')) from {} t"


def login_dsn(database: str, **more: str) -> str:
    """The address of a database on the suite's server, for the owning login."""
    place = connection.settings_dict
    parts = {"dbname": database, "user": place["USER"], "password": place["PASSWORD"]}
    parts |= {"host": place["HOST"] or place["OPTIONS"].get("host", ""), "port": str(place["PORT"]), **more}
    return psycopg.conninfo.make_conninfo(**{k: v for k, v in parts.items() if v})


def database_url(database: str, login: str = "") -> str:
    """The same as a URL, which is what the environment holds."""
    parts = psycopg.conninfo.conninfo_to_dict(login_dsn(database))
    password = "" if login else parts.get("password", "")
    credentials = f"{login or parts['user']}:{password}" if password else f"{login or parts['user']}"
    query = "&".join(f"{key}={parts[key]}" for key in ("host", "port") if key in parts)
    return f"postgresql://{credentials}@/{database}?{query}"


@contextmanager
def login_session(database: str = "", **more: str) -> Iterator[psycopg.Connection[Row]]:
    """A plain session of the owning login, in no role."""
    with psycopg.connect(login_dsn(database or connection.settings_dict["NAME"], **more), autocommit=True) as session:
        yield session


@contextmanager
def owner_session(database: str) -> Iterator[psycopg.Connection[Row]]:
    """A session in the owner role, as migrations and commands have it."""
    with login_session(database) as session:
        session.execute("set role tenantry_owner")
        yield session


def drop_database(name: str) -> None:
    """Drop a database with its sessions; 15 lets only a superuser end an autovacuum that is in it just now."""
    drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    for _ in range(ATTEMPTS):
        try:
            with login_session("postgres") as session:
                session.execute(drop)
        except psycopg.errors.InsufficientPrivilege:
            time.sleep(0.25)
        else:
            return
    raise AssertionError(f"An autovacuum of {name} does not end.")


def read_contents(database: str) -> dict[str, Any]:
    """Every table's rows, as a count and a hash; the doctor's runs aside: the restored one has had one more."""
    with owner_session(database) as session:
        session.execute("reset role")
        tables = [sql.Identifier(*row) for row in session.execute(TABLES).fetchall()]
        return {t.as_string(None): session.execute(sql.SQL(HASH).format(t)).fetchone() for t in tables}


@contextmanager
def scratch_database(name: str) -> Iterator[str]:
    """An empty database; its name carries the suite's, so that parallel workers do not meet."""
    full = f"{connection.settings_dict['NAME']}_{name}"[:63]
    drop_database(full)
    with login_session("postgres") as session:
        session.execute(sql.SQL("create database {}").format(sql.Identifier(full)))
        try:
            yield full
        finally:
            drop_database(full)


@contextmanager
def copied_database(name: str) -> Iterator[str]:
    """A copy of the suite's own database, as it stands now."""
    source = connection.settings_dict["NAME"]
    with scratch_database(name) as full, login_session("postgres") as session:
        connection.close()
        empty = sql.SQL("drop database {}").format(sql.Identifier(full))
        session.execute(empty)
        # A backend whose client has just gone is still there for a moment, and in the way.
        others = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s and usename = user"
        session.execute(others, [source])
        copy = sql.SQL("create database {} template {}").format(sql.Identifier(full), sql.Identifier(source))
        session.execute(copy)
        yield full


@contextmanager
def django_on(database: str) -> Iterator[None]:
    """Let Django's connection stand on another database for a while."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def manage(*arguments: str, database: str, login: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` as a process of its own."""
    variables = {**os.environ, "DATABASE_URL": database_url(database, login), **environment}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        capture_output=True,
        text=True,
        env=variables,
        cwd=ROOT,
        check=False,
        timeout=120,
    )
