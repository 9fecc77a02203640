"""Into another database: people are found by e-mail, nobody's account is taken over, converted tables come along."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from tenants.models import MetricDefinition, MetricEvent, OrgMember
from tests.config.org_archive.moving import digest_rows, erase, export, restore, rewrite, run, seal, stands
from tests.config.org_archive.test_tampering import put
from tests.databases import copied_database, django_on, login_session, owner_session, scratch_database
from tests.factories import make_person, make_superuser

pytestmark = pytest.mark.xdist_group("org_archive_database")

OLD = """
create schema "Old app";
create table "Old app"."Order s" (
    id bigint generated always as identity primary key, org_id uuid references public.organizations on delete cascade,
    "Person" uuid references public.users, twice int generated always as (n * 2) stored, n int, first_line bigint
);
create table "Old app".lines (
    id bigserial primary key, org_id uuid not null references public.organizations on delete cascade,
    order_id bigint not null references "Old app"."Order s", doc json, body bytea
);
alter table "Old app"."Order s" add foreign key (first_line) references "Old app".lines;
"""
ROWS = """
insert into "Old app"."Order s" (org_id, "Person", n) values ('{org}', '{person}', 4), ('{other}', null, 5);
insert into "Old app".lines (org_id, order_id, doc, body)
    select org_id, id, '{{"a":  1}}', '\\x00ff' from "Old app"."Order s";
update "Old app"."Order s" o set first_line = l.id from "Old app".lines l where l.order_id = o.id;
"""


CLEAN = """
update organizations set status = 'deleting', deleting_since = now() where status <> 'deleting';
delete from organizations; delete from users; delete from metric_definitions
"""


@pytest.fixture(scope="module", autouse=True)
def own_database(django_db_setup: Any, django_db_blocker: Any) -> Iterator[None]:
    """Groups run first, and what is committed here stays in a log that tests of the suite's database count."""
    with django_db_blocker.unblock(), copied_database("home") as database, django_on(database):
        yield


@pytest.fixture(scope="module")
def other_database(own_database: None, django_db_blocker: Any) -> Iterator[str]:
    """Another database, migrated and empty."""
    with django_db_blocker.unblock(), scratch_database("elsewhere") as database:
        with django_on(database):
            call_command("migrate", verbosity=0)
        yield database


@pytest.fixture
def elsewhere(other_database: str) -> Iterator[str]:
    """It holds nobody afterwards."""
    yield other_database
    with owner_session(other_database) as session:
        session.execute(CLEAN)


@pytest.fixture
def old_app(sides: Any) -> Iterator[None]:
    """Two tables that point to each other, in a schema that no model knows, with a row of each organization."""
    names = {"org": sides[0].org.pk, "other": sides[1].org.pk, "person": sides[0].owner.pk}
    with login_session() as session:
        session.execute(OLD)
        session.execute(ROWS.format(**names))
        yield
        session.execute('drop schema "Old app" cascade')


def test_an_organization_moves_into_another_database(sides, archive, elsewhere):
    org, rows = sides[0].org, digest_rows(sides[0].org.pk)
    emails = set(OrgMember.objects.filter(org=org).values_list("user__email", flat=True))
    seal(org)
    export(org, archive)
    keys = set(MetricEvent.objects.filter(org=org).values_list("metric_key", flat=True))
    with django_on(elsewhere):
        said = restore(archive)
        assert digest_rows(org.pk) == rows
        # What the rows are measured in belongs to nobody, and came along.
        assert keys
        assert set(MetricDefinition.objects.values_list("key", flat=True)) == keys
        assert f"Added for it, for everybody to see: {len(keys)} of metric_definitions" in said
        assert set(OrgMember.objects.filter(org=org).values_list("user__email", flat=True)) == emails
        people = User.objects.filter(email__in=emails)
        assert not any(person.has_usable_password() or person.is_staff for person in people)
        assert {person.email_verified_at for person in people} == {None}
        run("verify_audit", org=org.slug)


def test_people_are_found_by_e_mail_and_never_by_id(sides, archive, elsewhere):
    org, owner, member = sides[0].org, sides[0].owner, sides[0].people["member"]
    export(org, archive)
    with django_on(elsewhere):
        boss = make_superuser(email=owner.email.upper(), password="kept")
        # Somebody else has the member's id here.
        stranger = make_person(pk=member.pk, email="stranger@example.org")
        said = restore(archive)
        assert "People: 1 were here already" in said
        boss.refresh_from_db()
        assert (boss.is_superuser, boss.email) == (True, owner.email.upper())
        assert OrgMember.objects.get(org=org, user=boss).role == "owner"
        assert not OrgMember.objects.filter(org=org, user=stranger).exists()
        assert User.objects.get(email=member.email).pk != member.pk
        assert OrgMember.objects.filter(org=org, user__email=member.email).exists()


def test_an_archive_brings_no_rights(sides, archive, elsewhere):
    export(sides[0].org, archive)

    def promote(files: dict[str, bytes]) -> None:
        people = [json.loads(line) | {"is_staff": True, "password": "x"} for line in files["people.jsonl"].splitlines()]
        put(files, "people.jsonl", "\n".join(map(json.dumps, people)).encode())

    with django_on(elsewhere):
        restore(rewrite(archive, promote))
        assert not User.objects.filter(is_staff=True).exists()


def test_converted_tables_go_and_come_back_with_their_keys(sides, archive, old_app):
    org, rows = sides[0].org, digest_rows(sides[0].org.pk)
    assert rows["Old app.Order s"].startswith("1 ")
    said = export(org, archive)
    assert "1 Old app.lines" in said
    erase(org)
    with login_session() as session:
        assert session.execute('select count(*) from "Old app".lines').fetchone() == (1,)
        session.execute("""alter sequence "Old app".lines_id_seq restart with 1""")
    restore(archive)
    assert digest_rows(org.pk) == rows
    with login_session() as session:
        highest = session.execute('select max(id) from "Old app".lines').fetchone()
        taken = session.execute("""select nextval('"Old app".lines_id_seq')""").fetchone()
        assert taken is not None
        assert highest is not None
        assert taken[0] > highest[0]


def test_a_table_that_is_not_there_or_differs_is_named(sides, archive, old_app, elsewhere):
    org = sides[0].org
    export(org, archive)
    with (
        django_on(elsewhere),
        pytest.raises(CommandError, match=r"table Old app\.lines is in the archive and not here"),
    ):
        restore(archive)
    erase(org)
    with login_session() as session:
        session.execute('alter table "Old app".lines add column note text, alter column id type integer')
    with pytest.raises(
        CommandError, match=r"(?s)lines\.id is bigint in the archive and integer here.*lines\.note \(text\)"
    ):
        restore(archive)


def test_a_trigger_that_changes_what_comes_back_stops_it(sides, archive, old_app):
    org = sides[0].org
    export(org, archive)
    erase(org)
    with login_session() as session:
        session.execute(
            'create function "Old app".spoil() returns trigger language plpgsql as'
            " $$begin new.body := 'x'; return new; end$$;"
            'create trigger spoil before insert on "Old app".lines for each row execute function "Old app".spoil()'
        )
    with pytest.raises(CommandError, match=r"a trigger changes them\. There are: spoil"):
        restore(archive)
    assert not stands(org)


def test_a_row_outside_that_points_inside_stops_the_erasure(sides, old_app):
    with login_session() as session:
        session.execute('create table "Old app".notes as select id as line from "Old app".lines')
        session.execute('alter table "Old app".notes add foreign key (line) references "Old app".lines')
    with pytest.raises(CommandError, match=r"still points into it.*notes_line_fkey"):
        erase(sides[0].org)
    assert stands(sides[0].org)
    assert connection.connection is not None
