"""`manage.py web_login`: makes the login of web processes, which owns nothing and begins as `tenantry_api`."""

import secrets
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import ProgrammingError, connection, transaction
from psycopg import errors, sql

from config.embedded.places import WEB_LOGIN
from config.environment import read_database
from config.login import find_dangers
from config.web_address import build_address, is_local, known_address, login_of, password_of, signs_in, with_password
from config.web_login import SURFACES, Step, WebLogin, find_steps, login_exists
from postgres.errors import first_line
from postgres.roles import API, read_login


class Command(BaseCommand):
    """Safe to run again: it changes only what is not as it should be."""

    help = "Make the login of web processes and print its address, for APP_DATABASE_URL."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", help="the login (default: the one in APP_DATABASE_URL, else tenantry_web)")
        parser.add_argument("--surface", choices=sorted(SURFACES), help="what it serves (default: TENANTRY_SURFACE)")
        parser.add_argument("--url", help="the address it will be used by; login and password are taken from it")
        parser.add_argument("--new-password", action="store_true", help="set a new password and print it")
        parser.add_argument("--dry-run", action="store_true", help="print the SQL and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        given = options["url"] or ""
        if given:
            refuse_contradiction(given, options)
        name = options["name"] or login_of(given or environ.get("APP_DATABASE_URL", "")) or WEB_LOGIN
        if options["dry_run"]:
            self._print_sql(name, options)
            return
        password, steps = make_login(name, self._surface(options), given, renew=options["new_password"])
        for step in steps:
            self.stdout.write(f"{name}: {step.what}")
        if not steps:
            self.stdout.write(f"{name}: all is as it should be, nothing was changed")
        self.stdout.write(f"APP_DATABASE_URL={given or tell_address(name, password)}")

    def _print_sql(self, name: str, options: dict[str, Any]) -> None:
        with acting_as_login():
            wanted = options["new_password"] or needs_password(name)
            steps = plan(name, self._surface(options), "choose a password" if wanted else "")
        self.stdout.write(render(steps) or "-- nothing to do")

    def _surface(self, options: dict[str, Any]) -> str:
        return str(options["surface"] or settings.TENANTRY_SURFACE)


def refuse_contradiction(url: str, options: dict[str, Any]) -> None:
    """An address says who signs in and by what."""
    read_database("--url", url)
    if options["new_password"]:
        raise CommandError("--url brings the password and --new-password makes one: leave one of them out.")
    if options["name"] not in (None, login_of(url) or WEB_LOGIN):
        raise CommandError(f"--url names the login {login_of(url) or WEB_LOGIN!r}: leave --name out.")


def tell_address(name: str, password: str) -> str:
    """The address that web processes use already, by a new password if there is one; else the one that leads here."""
    known = known_address(name)
    return (with_password(known, password) if known and password else known) or build_address(name, password)


def make_login(name: str, surface: str, url: str, *, renew: bool = False) -> tuple[str, list[Step]]:
    """Make or correct the login; return its password, if a new one was set, and what was done."""
    with acting_as_login():
        password = choose_password(name, url, renew=renew)
        steps = plan(name, surface, encrypt(name, password))
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for step in steps:
                    cursor.execute(step.statement)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, errors.InsufficientPrivilege):
                raise
            raise CommandError(
                f"This login may not make {name} ({first_line(error)}). Nothing was changed."
                f" Let a DBA run this in the database {connection.settings_dict['NAME']}:\n\n{render(steps)}"
            ) from error
    return password, steps


@contextmanager
def acting_as_login() -> Iterator[None]:
    """Roles are made by the login, not by the owner role that it acts as."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select current_setting('role'), to_regrole(%s)", [API])
        role, api = cursor.fetchone()
        if api is None:
            raise CommandError(f"There is no role {API} yet. Type: manage.py migrate")
        cursor.execute("select set_config('role', 'none', true)")
        yield
        cursor.execute("select set_config('role', %s, true)", [role])


def plan(name: str, surface: str, secret: str) -> list[Step]:
    """What is to be done, after making sure that the name is not somebody's who is more than a web process."""
    with connection.cursor() as cursor:
        dangers = find_dangers(cursor, name)
        if dangers:
            raise CommandError(
                f"{name} {' and '.join(dangers)}, so it cannot be the login of web processes."
                f" Choose another: manage.py web_login --name {WEB_LOGIN}"
            )
        database = connection.settings_dict["NAME"]
        wanted = WebLogin(name, surface, settings.TENANTRY_SCHEMA, database, secret)
        return find_steps(cursor, wanted, read_login(cursor).version)


def needs_password(name: str) -> bool:
    """A new login reached over TCP."""
    with connection.cursor() as cursor:
        return not is_local() and not login_exists(cursor, name)


def choose_password(name: str, url: str, *, renew: bool) -> str:
    """The password to set; nothing where the one that stands is to stay."""
    if url:
        return "" if signs_in(url) else password_of(url)
    if renew:
        return secrets.token_urlsafe(24)
    return password_of(known_address(name)) or secrets.token_urlsafe(24) if needs_password(name) else ""


def encrypt(name: str, password: str) -> str:
    """As the server stores it, so that the password itself is in no statement and no log."""
    if not password:
        return ""
    return str(connection.connection.pgconn.encrypt_password(password.encode(), name.encode()).decode())


def render(steps: list[Step]) -> str:
    return "\n".join(sql.Composed([step.statement, sql.SQL(";")]).as_string(connection.connection) for step in steps)
