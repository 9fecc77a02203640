"""`manage.py migrate`, as a process of its own: what it refuses, what it prepares, and where it puts things."""

import pytest

from tests.catalog import take_snapshot
from tests.databases import login_session, manage, owner_session, scratch_database

POOR = "tenantry_test_migrator"
# A name that has to be quoted, wherever it stands.
SCHEMA = "Ten ant.ry"


@pytest.fixture
def poor(db):
    """A login that may not make roles, and was granted none."""
    with login_session("postgres") as session:
        session.execute(f"drop role if exists {POOR}")
        session.execute(f"create role {POOR} login")
        session.execute(f'grant {POOR} to "{session.info.user}"')
        yield POOR
        session.execute(f"drop role {POOR}")


@pytest.mark.parametrize("name", ["users", "org_members", "django_migrations", "users_groups"])
def test_a_database_with_one_of_our_names_is_refused_before_any_change(db, name):
    with scratch_database("taken") as database, login_session(database) as session:
        session.execute(f"create table {name} (id int)")
        before = take_snapshot(session)
        done = manage("migrate", database=database)
        assert done.returncode != 0
        assert f"has tables with our names already: {name}." in done.stderr
        assert "TENANTRY_SCHEMA=tenantry manage.py migrate" in done.stderr
        assert take_snapshot(session) == before


def test_another_schema_holds_everything_and_leaves_public_alone(db):
    with scratch_database("schema") as database, login_session(database) as session:
        session.execute("create table users (id int)")

        def run(*arguments):
            done = manage(*arguments, database=database, TENANTRY_SCHEMA=SCHEMA)
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout.strip()

        run("migrate", "-v0")
        assert session.execute(
            "select array_agg(c.relname::text) from pg_class c where relnamespace = 'public'::regnamespace"
        ).fetchone() == (["users"],)
        run("demo")
        assert run("shell", "-v0", "-c", READ_IN_SCOPE) == f"1 1 {SCHEMA}"
        run("makemigrations", "--check")
        run("sql_objects", "--check")
        assert "error" not in run("doctor")
        assert f'set search_path = "{SCHEMA}", pg_temp' in run("web_login", "--dry-run")
        run("migrate", "-v0", "audit", "zero")


def test_a_schema_that_cannot_hold_our_tables_is_refused_before_any_change(db):
    done = manage("migrate", database="postgres", TENANTRY_SCHEMA="it's")
    assert done.returncode != 0
    assert 'TENANTRY_SCHEMA cannot be "it\'s": it contains' in done.stderr


READ_IN_SCOPE = """
from django.db import connection, transaction
from accounts.models import User
from tenants.models import Organization, OrgMember
from tenants.scope import api_scope
User.objects.create_user("b@example.org")
me = User.objects.create_user("a@example.org")
org = Organization.objects.get(created_by=me)
with transaction.atomic(), api_scope(me.pk, org.pk):
    with connection.cursor() as cursor:
        cursor.execute("select current_schema()")
        print(OrgMember.objects.count(), Organization.objects.count(), cursor.fetchone()[0])
"""


def test_a_login_that_may_not_make_roles_is_given_the_sql(poor):
    with scratch_database("poor") as database, login_session(database) as session:
        before = take_snapshot(session)
        done = manage("migrate", database=database, login=poor)
        assert done.returncode != 0
        assert "Let a DBA run this, then migrate again" in done.stderr
        assert f'grant "tenantry_owner" to "{poor}"' in done.stderr
        assert "Traceback" not in done.stderr
        assert take_snapshot(session) == before


def test_a_plan_changes_nothing(db):
    with scratch_database("plan") as database, login_session(database) as session:
        before = take_snapshot(session)
        assert manage("migrate", "--plan", database=database).returncode == 0
        assert take_snapshot(session) == before


def test_a_second_migrate_changes_nothing_and_keeps_the_key(db):
    with scratch_database("twice") as database, owner_session(database) as session:
        assert manage("migrate", "-v0", database=database).returncode == 0
        keys = session.execute("select * from private.claims_keys").fetchall()
        before = take_snapshot(session)
        assert manage("migrate", "-v0", database=database).returncode == 0
        assert take_snapshot(session) == before
        assert session.execute("select * from private.claims_keys").fetchall() == keys
        assert len(keys) == 1
        done = manage("migrate", "-v0", database=database, TENANTRY_CLAIMS_KEY="another")
        assert done.returncode == 0
        assert session.execute("select count(*) from private.claims_keys").fetchone() == (2,)
