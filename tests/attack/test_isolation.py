"""Every table against every role: a foreign row is never seen nor changed, and one's own are seen as the rules say."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from postgres.roles import API, SERVICE, STAFF
from tenants.access import ACCESS, Access
from tenants.registry import org_models
from tests.attack.actors import BOUND, claims_of
from tests.attack.commands import insert_copy, is_refused, read_row, statements
from tests.weblogins import WebSession, web_session
from tests.worlds import Table, Worlds

pytestmark = pytest.mark.django_db

# What sign-in, sign-up, sessions, asking for a sync and restoring what was deleted softly need.
# One more table here is a decision, not an accident.
SERVICE_SEES = {
    "access_findings",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "cleaning_batches",
    "cleaning_rows",
    "customers",
    "django_content_type",
    "django_session",
    "doctors",
    "dsos",
    "invitations",
    "org_members",
    "organizations",
    "stores",
    "user_authenticators",
    "user_dso_access",
    "user_recovery_codes",
    "sync_jobs",
    "user_preferences",
    "user_profiles",
    "user_sessions",
    "users",
    "users_groups",
    "users_user_permissions",
    "workspaces",
}


def enter(session: WebSession, worlds: Worlds, actor: str) -> None:
    surface, claims = claims_of(actor, worlds)
    session.enter(surface, **claims)


@pytest.fixture
def session(worlds: Worlds) -> Iterator[WebSession]:
    with web_session(worlds.url) as session:
        yield session


@pytest.fixture(scope="module")
def foreign_rows(worlds: Worlds, tables: list[Table]) -> dict[str, dict[str, Any] | None]:
    return {t.label: read_row(t, worlds.ours, worlds.theirs) for t in tables}


def foreign_filter(table: Table, worlds: Worlds) -> tuple[str, list[Any]]:
    """The other side's rows; in a table of nobody's rows, all of them."""
    if table.owner_column is None:
        return "true", []
    return f'"{table.owner_column}"::text = any(%s)', [table.foreign_to(worlds.ours, worlds.theirs)]


def test_every_table_has_a_row_of_each_side(worlds, tables):
    """Without one, nothing below would prove anything: give a new table a line in tests/worlds.py."""
    empty = []
    for table in tables:
        if table.view or table.partition:
            continue
        for side, other in ((worlds.ours, worlds.theirs), (worlds.theirs, worlds.ours)):
            if read_row(table, side, other) is None:
                empty.append(table.label)
    assert not empty


def test_the_catalog_and_the_models_name_the_same_tables(tables):
    known = {m._meta.db_table for m in apps.get_models(include_auto_created=True)} | {"django_migrations"}
    assert {t.name for t in tables if t.schema == "public" and not t.partition and not t.view} == known


# Read by everybody on the console: names of permissions, and of groups.
SHARED = {"auth_group", "auth_group_permissions", "auth_permission", "django_content_type"}
# Read by everybody who is somebody, and the same for all: what is measured.
PUBLISHED = {"metric_definitions"}


@pytest.mark.parametrize("actor", BOUND)
def test_no_foreign_row_is_seen(actor, session, worlds, tables):
    enter(session, worlds, actor)
    console = BOUND[actor][0] == "console"
    for table in tables:
        if table.name in PUBLISHED or (console and table.name in SHARED):
            continue
        where, values = foreign_filter(table, worlds)
        outcome = session.attempt(f"select * from {table.quoted} where {where}", values)
        assert outcome.nothing, f"{actor} sees {table.label}: {outcome}"
        outcome = session.attempt(f"select count(*) from {table.quoted} where {where}", values)
        assert outcome.refused or outcome.rows == [(0,)], f"{actor} counts {table.label}: {outcome}"


@pytest.mark.parametrize("actor", BOUND)
def test_no_foreign_row_is_changed(actor, session, worlds, tables):
    enter(session, worlds, actor)
    for table in tables:
        if table.view:
            continue
        where, values = foreign_filter(table, worlds)
        for column in table.columns:
            outcome = session.attempt(f'update {table.quoted} set "{column}" = "{column}" where {where}', values)
            assert outcome.nothing, f"{actor} updates {table.label}.{column}: {outcome}"
        outcome = session.attempt(f"delete from {table.quoted} where {where}", values)
        assert outcome.nothing, f"{actor} deletes from {table.label}: {outcome}"


@pytest.mark.parametrize("actor", BOUND)
def test_no_row_is_added_to_the_other_side(actor, session, worlds, tables, foreign_rows):
    enter(session, worlds, actor)
    for table in tables:
        outcome = session.attempt(insert_copy(table), [json.dumps(foreign_rows[table.label] or {})])
        assert is_refused(table, outcome), f"{actor} inserts into {table.label}: {outcome}"


@pytest.mark.parametrize("actor", ["owner", "staff", "superuser in our organization"])
def test_no_row_moves_to_the_other_side(actor, session, worlds, tables):
    enter(session, worlds, actor)
    for table in tables:
        if not table.is_org_table() or table.name == "organizations":
            continue
        outcome = session.attempt(f"update {table.quoted} set org_id = %s", [worlds.theirs.org.pk])
        assert outcome.error, f"{actor} moves rows of {table.label}"


def rules_of(model: Any) -> Access:
    return ACCESS[model.access]


@pytest.mark.parametrize(("actor", "sees_all"), [("member", False), ("admin", True), ("owner", True)])
def test_one_sees_the_rows_of_ones_own_organization(actor, sees_all, session, worlds):
    enter(session, worlds, actor)
    for model in org_models():
        outcome = session.attempt(f'select distinct org_id from "{model._meta.db_table}"')
        if rules_of(model).select is None:
            assert outcome.refused, f"{actor} sees {model._meta.db_table}: {outcome}"
        elif sees_all or rules_of(model).select == "true":
            assert outcome.rows == [(worlds.ours.org.pk,)], f"{actor} does not see {model._meta.db_table}: {outcome}"


@pytest.mark.parametrize("actor", ["staff", "superuser in our organization"])
def test_staff_see_the_rows_of_their_organization(actor, session, worlds):
    enter(session, worlds, actor)
    for model in org_models():
        if "select" in rules_of(model).staff:
            outcome = session.attempt(f'select distinct org_id from "{model._meta.db_table}"')
            assert outcome.rows == [(worlds.ours.org.pk,)], f"{actor} does not see {model._meta.db_table}: {outcome}"


def test_a_superuser_in_all_organizations_sees_both_sides(session, worlds):
    session.enter("console", sub=worlds.superuser.pk, all_orgs=True)
    for model in org_models():
        if "select" in rules_of(model).staff:
            seen = {row[0] for row in session.run(f'select distinct org_id from "{model._meta.db_table}"')}
            assert {worlds.ours.org.pk, worlds.theirs.org.pk} <= seen


def test_only_superusers_get_all_organizations(session, worlds, tables):
    session.enter("console", sub=worlds.ours.people["staff"].pk, org_id=worlds.ours.org.pk, all_orgs=True)
    assert session.one("select auth_all_orgs()") is False
    assert session.one("select count(*) from organizations") == 1


def test_a_service_sees_what_it_needs_and_no_more(session, tables):
    session.enter("service", reason="session")
    seen = {t.name for t in tables if not session.attempt(f"select 1 from {t.quoted} limit 1").nothing}
    assert seen == SERVICE_SEES


@pytest.mark.parametrize("actor", ["owner", "staff"])
@pytest.mark.parametrize("table", ["customers", "doctors", "dsos", "stores"])
def test_a_client_hides_what_it_deletes_and_nothing_of_others(table, actor, session, worlds):
    """The row stays, marked; what is hidden from a client it neither sees, changes nor brings back."""
    enter(session, worlds, actor)
    count = f"select count(*) from {table} where deleted_at is null"
    assert session.one(count) > 0
    assert session.run(f"delete from {table}") == [0]
    assert session.one(count) == 0
    if actor == "owner":
        assert session.one(f"select count(*) from {table}") == 0
        assert session.attempt(f"update {table} set deleted_at = null").nothing
    session.rollback()
    with connection.cursor() as cursor:
        cursor.execute(f"select count(distinct org_id) from {table} where deleted_at is null")
        assert cursor.fetchone()[0] >= 2


def test_a_demoted_owner_writes_no_more(session, worlds, django_db_blocker):
    """Authority is the membership row at the time of the request."""
    person, org = worlds.ours.people["admin"], worlds.ours.org
    session.enter("api", sub=person.pk, org_id=org.pk)
    assert session.attempt("update stores set name = name").changed
    session.rollback()
    with web_session(worlds.url) as owner:
        owner.enter("api", sub=worlds.ours.owner.pk, org_id=org.pk)
        owner.run("update org_members set role = 'member' where user_id = %s", [person.pk])
        owner.raw.commit()
    session.enter("api", sub=person.pk, org_id=org.pk)
    assert session.one("select auth_user_role()") == "member"
    assert session.attempt("update stores set name = name").nothing


def test_partitions_are_never_read_directly(session, worlds, tables):
    for actor in BOUND:
        enter(session, worlds, actor)
        for table in tables:
            if table.partition:
                assert session.attempt(f"select 1 from {table.quoted}").refused, f"{actor} reads {table.label}"
        session.rollback()


def test_the_owner_sees_everything_the_tests_made(worlds, tables):
    with connection.cursor() as cursor:
        for table in tables:
            if table.is_org_table():
                cursor.execute(f'select count(distinct "{table.owner_column}") from {table.quoted}')
                assert cursor.fetchone()[0] >= 2, table.label


@pytest.mark.parametrize(
    ("surface", "role"),
    [("api", STAFF), ("api", SERVICE), ("console", SERVICE), ("service", STAFF), ("service", API)],
)
def test_claims_count_only_in_the_role_they_name(surface, role, session, worlds, tables, foreign_rows):
    """SQL injected into a request takes another role inside itself; its claims still say where it came in."""
    person = {"api": worlds.ours.owner.pk, "console": worlds.superuser.pk}.get(surface)
    session.enter(surface, sub=person, org_id=worlds.ours.org.pk if surface == "api" else None, reason="session")
    session.run("select set_config('role', %s, true)", [role])
    for table in tables:
        for command, statement, values in statements(table, foreign_rows[table.label]):
            outcome = session.attempt(statement, values)
            nothing = outcome.nothing or (command == "insert" and is_refused(table, outcome))
            assert nothing, f"{command} on {table.label} as {role} with {surface} claims: {outcome}"
