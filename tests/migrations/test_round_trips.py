"""Every migration of ours, back to nothing and forwards again, on a database with rows."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config.names_taken import find_taken_names
from tests.catalog import take_snapshot
from tests.databases import django_on, owner_session, scratch_database

# One worker for the module: its fixture is made once.
pytestmark = pytest.mark.xdist_group("round_trips")


ROWS = """
insert into users (email) values ('first@example.org'), ('second@example.org');
insert into stores (org_id, workspace_id, name) select org_id, id, 'Harbour' from workspaces;
insert into workspace_members (org_id, workspace_id, user_id)
    select w.org_id, w.id, m.user_id from workspaces w join org_members m using (org_id);
insert into invitations (org_id, email, token_hash, expires_at, sent_at)
    select id, 'third@example.org', slug, now(), now() from organizations;
select set_user_active_org(user_id, org_id) from org_members;
"""


@pytest.fixture(scope="module")
def trips(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """One database, taken to nothing app by app."""
    seen = SimpleNamespace(zero={})
    with django_db_blocker.unblock(), scratch_database("trips") as database, django_on(database):
        call_command("migrate", verbosity=0)
        with owner_session(database) as session:
            seen.whole = take_snapshot(session)
            session.execute(ROWS)
            for app in ("accounts", "tenants", "audit"):
                call_command("migrate", app, "zero", verbosity=0)
                seen.zero[app] = take_snapshot(session)
            call_command("migrate", verbosity=0)
            seen.again = take_snapshot(session)
            session.execute(ROWS)
            seen.people = session.execute("select count(*) from users").fetchone()
        yield seen


def ours(snapshot):
    return {row[1] for row in snapshot["relations"]}


def test_nothing_of_ours_is_left_at_zero(trips):
    left = trips.zero["audit"]
    assert left["functions"] == left["triggers"] == left["policies"] == set()
    assert "private" not in {row[0] for row in left["schemas"]}
    assert not {name for name in ours(left) if not name.startswith(("auth_", "django_"))}


def test_people_are_gone_with_their_app(trips):
    assert not {"users", "user_profiles", "user_preferences"} & ours(trips.zero["accounts"])


def test_forwards_again_is_as_the_first_time(trips):
    for kind in trips.whole:
        assert trips.again[kind] == trips.whole[kind], kind


def test_it_works_as_the_first_time(trips):
    assert trips.people == (2,)


def test_every_migration_of_ours_says_in_a_sentence_what_it_is_for(db):
    loader = MigrationLoader(connection)
    for (app, name), migration in loader.disk_migrations.items():
        if app in ("audit", "tenants", "accounts"):
            module = __import__(migration.__module__, fromlist=["Migration"])
            assert (module.__doc__ or "").strip().endswith("."), f"{app}.{name}"


def test_every_migration_can_be_reversed(db):
    loader = MigrationLoader(connection)
    for (app, name), migration in loader.disk_migrations.items():
        if app in ("audit", "tenants", "accounts"):
            assert all(operation.reversible for operation in migration.operations), f"{app}.{name}"


def test_our_own_tables_are_not_taken_names(db):
    assert find_taken_names() == []
