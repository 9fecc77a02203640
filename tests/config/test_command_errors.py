"""What every command says when it cannot do what was asked: what, where, what to type next; never a traceback."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, get_commands, load_command_class
from django.db import connection
from psycopg import sql

from config.environment import Environment, read_database
from postgres import versions
from tests import factories
from tests.databases import database_url, login_session, manage, scratch_database

NOBODY = "00000000-0000-0000-0000-000000000001"
COMMANDS = {name for name, app in get_commands().items() if app in (*settings.TENANTRY_APPS, "config")}
# They make a database ready, or look at none.
NEED_NO_MIGRATIONS = {"migrate", "web_login", "reference"}

# Command line, what the answer names, what it offers.
REFUSED = [
    ("backfill_org_ids plan --plan nope.toml", "nope.toml", "manage.py backfill_org_ids discover"),
    ("backfill_org_ids discover --schema nope --plan x.toml", "schema nope", "discover --schema nope --plan x.toml"),
    ("backfill_org_ids verify --plan nope.toml", "nope.toml", "manage.py backfill_org_ids discover"),
    ("backfill_org_ids pause", "no conversion", "manage.py backfill_org_ids discover"),
    ("backfill_org_ids bogus", "'bogus'", "discover"),
    ("clean_access --org nope --dry-run", "'nope'", "north"),
    ("clean_access --detector nope --dry-run", "'nope'", "manage.py clean_access --dry-run"),
    ("clean_access --undo nope", "'nope'", "--undo takes"),
    (f"clean_access --undo {NOBODY}", NOBODY, "manage.py clean_access --dry-run"),
    ("clean_access --since nope --dry-run", "'nope'", "write 2026-"),
    ("clean_access --granted-by nope --dry-run", "nope", "manage.py shell"),
    ("clean_access", "--detector", "manage.py clean_access --dry-run"),
    ("demo --size huge", "'huge'", "small"),
    ("doctor --check nope", "nope", "doctor --list"),
    ("erase_org north --json", "--json", "--dry-run"),
    ("export_org north --to /proc/none/x.zip", "/proc/none/x.zip", "name a file"),
    ("maintain nope", "nope", "unrecognized"),
    ("reference", "--write", "--check"),
    ("reset_second_factor nope@example.org", "nope@example.org", "manage.py shell"),
    ("restore_org nope.zip", "nope.zip", "no such file"),
    ("restore_org manage.py", "manage.py", "no export"),
    ("rotate_keys nope", "nope", "unrecognized"),
    ("run_sync --org nope", "'nope'", "Leave out --org"),
    ("run_sync --connection nope", "'nope'", "GET /api/integrations/"),
    (f"run_sync --connection {NOBODY}", NOBODY, "GET /api/integrations/"),
    ("scaleout", "scaleout", "--check"),
    ("schema_reference nope", "nope", "unrecognized"),
    ("scoped_shell --as nope@example.org --org north", "nope@example.org", "manage.py shell"),
    ("scoped_shell --as alice@example.org --org nope", "'nope'", "north"),
    ("scoped_shell --as alice@example.org --org south", "south", "--org north"),
    ("sql_objects nope", "nope", "unrecognized"),
    ("verify_audit --org nope", "'nope'", "Leave out --org"),
    ("verify_audit --heads /nope", "/nope", "name a file"),
    ("web_login --name {login}", "CREATEROLE", "manage.py web_login --name"),
    ("web_login --surface nope", "'nope'", "console"),
]
# These begin transactions of their own.
REFUSED_ALONE = [
    ("erase_org nope --dry-run", "'nope'", "north"),
    ("export_org nope --to x.zip", "'nope'", "north"),
    ("migrate nope", "'nope'", "No installed app"),
    ("migrate tenants 9999", "9999", "tenants"),
    ("verify_audit --export /proc/none", "/proc/none", "name a folder"),
]


def execute(command: BaseCommand, arguments: list[str]) -> None:
    options = vars(command.create_parser("manage.py", "command").parse_args(arguments))
    command.execute(**{**options, "skip_checks": True})


def refuse(line: str) -> str:
    """What a command says; called as a person calls it, so that its options are parsed."""
    name, *arguments = line.split(" ")
    command = load_command_class(get_commands()[name], name)
    with pytest.raises(CommandError) as refusal:
        execute(command, arguments)
    assert refusal.value.returncode != 0
    return str(refusal.value)


def make_two_orgs() -> None:
    north = factories.make_org(slug="north")
    factories.make_org(slug="south")
    factories.make_member(north, user=factories.make_person(email="alice@example.org"))


@pytest.mark.parametrize(("line", "names", "offers"), REFUSED, ids=[line for line, *_ in REFUSED])
def test_a_refusal_says_what_and_what_next(db: None, line: str, names: str, offers: str) -> None:
    make_two_orgs()
    said = refuse(line.format(login=connection.settings_dict["USER"]))
    assert names in said
    assert offers in said


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("line", "names", "offers"), REFUSED_ALONE, ids=[line for line, *_ in REFUSED_ALONE])
def test_a_refusal_of_its_own_transaction_says_what_and_what_next(line: str, names: str, offers: str) -> None:
    make_two_orgs()
    said = refuse(line)
    assert names in said
    assert offers in said


def test_no_command_is_left_out_of_the_table() -> None:
    assert {line.split(" ")[0] for line, *_ in [*REFUSED, *REFUSED_ALONE]} == COMMANDS


@pytest.mark.parametrize("name", sorted(COMMANDS - NEED_NO_MIGRATIONS))
def test_a_command_on_an_unprepared_database_sends_to_migrate(db: None, name: str, tmp_path: Path) -> None:
    required = {"export_org": f"north --to {tmp_path}/x.zip", "erase_org": "north", "restore_org": "x.zip"}
    required |= {"scoped_shell": "--as a@b.c --org north", "reset_second_factor": "a@b.c", "scaleout": "--check"}
    with connection.cursor() as cursor:
        cursor.execute("alter table django_migrations rename to somebody_elses_table")
    said = refuse(f"{name} {required.get(name, '')}".strip())
    assert said.startswith(f"The database {connection.settings_dict['NAME']} has not had ")
    assert said.splitlines()[0].endswith("Type: manage.py migrate")


def test_one_missing_migration_is_named(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'accounts' and name = '0001_initial'")
        assert cursor.rowcount == 1
    assert "has not had accounts.0001_initial of this release" in refuse("verify_audit")


def test_a_server_that_is_too_old_gets_no_roles_and_no_tables(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = {major + 10: minor for major, minor in versions.NEWEST.items()}
    monkeypatch.setattr(versions, "NEWEST", newest)
    monkeypatch.setattr(versions, "OLDEST", min(newest))
    monkeypatch.setattr(versions, "LATEST", max(newest))
    said = refuse("migrate")
    assert "is too old: Tenantry works with 25 to 28. Nothing was changed." in said
    assert "DATABASE_URL" in said


def test_a_database_that_is_not_in_utf8_gets_no_tables(db: None) -> None:
    with scratch_database("latin1") as name, login_session("postgres") as session:
        place = sql.Identifier(name)
        session.execute(sql.SQL("drop database {}").format(place))
        session.execute(
            sql.SQL("create database {} template template0 encoding 'LATIN1' locale_provider libc locale 'C'").format(
                place
            )
        )
        done = manage("migrate", database=name)
        assert done.returncode == 1
        assert f"CommandError: The database {name} is encoded in LATIN1" in done.stderr
        with login_session(name) as there:
            assert there.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        (
            {"DATABASE_URL": "postgresql://tenantry:geheim@[::1]:1/x"},
            "The database of DATABASE_URL does not answer",
        ),
        (
            {"DATABASE_URL": "mysql://tenantry:geheim@[::1]/x"},
            "DATABASE_URL is no address of a PostgreSQL database",
        ),
        ({"DATABASE_URL": "", "APP_DATABASE_URL": "postgresql://web@127.0.0.1:1/x"}, "DATABASE_URL is not set"),
        ({"TENANTRY_ACCESS_MINUTES": "ten"}, "TENANTRY_ACCESS_MINUTES cannot be read as int"),
        ({"TENANTRY_ENV": "production", "SECRET_KEY": ""}, "SECRET_KEY is not set, and TENANTRY_ENV is production"),
    ],
    ids=["nobody answers", "no PostgreSQL", "web login only", "no number", "no secret"],
)
def test_what_a_person_can_put_right_is_a_sentence_and_not_a_traceback(
    db: None, environment: dict[str, str], says: str, tmp_path: Path
) -> None:
    environment = {"DATABASE_URL": database_url(connection.settings_dict["NAME"]), **environment}
    done = manage("maintain", "--dry-run", database="x", TENANTRY_VAR=str(tmp_path), **environment)
    assert done.returncode == 1
    assert done.stderr.startswith(says)
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stderr


def test_a_command_of_djangos_is_sent_to_migrate_as_well(db: None) -> None:
    with scratch_database("unprepared") as database:
        done = manage("changepassword", "alice@example.org", database=database)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().endswith("Type: manage.py migrate")


@pytest.mark.parametrize("address", ["nonsense", "sqlite:///x", "postgresql://", "postgresql://a:b@c:port/d"])
def test_an_address_that_is_none_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read_database("DATABASE_URL", address)
    assert str(refusal.value).startswith("DATABASE_URL ")
    assert address not in str(refusal.value).replace("postgresql://login:", "")


@pytest.mark.parametrize(
    "address",
    ["postgresql://a:b@c:5432/d", "postgres://a@/d?host=/tmp/x", "postgresql:///?service=mine", "pgsql://a@b/c"],
)
def test_addresses_that_libpq_reads_are_read(address: str) -> None:
    assert read_database("DATABASE_URL", address)["ENGINE"].endswith("postgresql")


def test_a_setting_is_named_when_its_value_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TENANTRY_MONTHS_AHEAD", "many")
    env: Any = Environment()
    with pytest.raises(ImproperlyConfigured, match="TENANTRY_MONTHS_AHEAD cannot be read as int"):
        env.int("TENANTRY_MONTHS_AHEAD", 3)
