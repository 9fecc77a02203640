"""A migrated database for one bench, beside DATABASE_URL's, dropped when it ends.

BENCH_TEMPLATE=name copies a database that is migrated already, instead of migrating one.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.core.management import call_command
from django.test.utils import setup_test_environment
from psycopg import sql

from config.embedded.places import SUPERUSER
from tests.databases import django_on, login_dsn, login_session, scratch_database


def prepare_pages() -> None:
    """What a console answers with beside the database: its static files, and a host that a test client may name.

    A page that refuses is one of those measured, and no news: what says so would drown the numbers.
    """
    setup_test_environment()
    logging.getLogger("django.request").setLevel(logging.ERROR)
    call_command("collectstatic", verbosity=0, interactive=False)


@contextmanager
def bench_database(name: str) -> Iterator[str]:
    """Django's connection stands on it until the block ends."""
    template = os.environ.get("BENCH_TEMPLATE")
    with scratch_database(name) as database, django_on(database):
        if template:
            copy_database(template, database)
        else:
            call_command("migrate", verbosity=0)
        yield database


@contextmanager
def silent_session(database: str) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's, which fires no triggers: for more rows than anybody would wait for."""
    with psycopg.connect(login_dsn(database, user=SUPERUSER, password=""), autocommit=True) as session:
        session.execute("set session_replication_role = replica")
        session.execute("set search_path = public")
        yield session


def copy_database(template: str, database: str) -> None:
    with login_session("postgres") as session:
        names = {"name": sql.Identifier(database), "template": sql.Identifier(template)}
        session.execute(sql.SQL("drop database {name}").format(**names))
        session.execute(sql.SQL("create database {name} template {template}").format(**names))
