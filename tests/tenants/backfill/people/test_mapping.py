"""Who the old database's people are, and what becomes of those whom Tenantry does not know."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from tenants.backfill.people.mapping import PeopleMissing, map_people
from tenants.models import Organization, OrgMember, Role
from tests.factories import make_member, make_org, make_person, make_staff, org_of
from tests.racing import run_at_once
from tests.tenants.backfill.converting import begin, make_plan, rows, take_to_column
from tests.tenants.backfill.legacy import Legacy, make_people


def decided(number: int) -> dict[int, tuple[object, int]]:
    found = rows(f"select person, org_id, orgs from private.conversion_people_{number}")
    return {person: (org_id, orgs) for person, org_id, orgs in found}


def test_people_are_found_by_e_mail_whatever_its_letters_and_spaces(legacy: Legacy):
    ann, bob = make_people(2)
    one, two, again = legacy.add_people(ann, bob, ann)
    conversion = begin(make_plan(legacy))
    assert decided(conversion.number) == {
        one: (org_of(ann).pk, 1),
        again: (org_of(ann).pk, 1),
        two: (org_of(bob).pk, 1),
    }


def test_people_are_found_by_e_mail_whatever_its_collation(legacy: Legacy):
    zoe = make_person(email="zoé@example.org")
    legacy.run('alter table {s}.people alter email type text collate "C"')
    legacy.run("insert into {s}.people (email) values ('ZOÉ@example.org'), ('ÉVE@example.org')")
    conversion = begin(make_plan(legacy, people="create"))
    assert User.objects.get(email_lower="éve@example.org")
    assert decided(conversion.number)[1] == (org_of(zoe).pk, 1)


def test_unknown_people_stop_the_run_by_name(legacy: Legacy):
    legacy.add_people(*make_people(1), blank=1)
    legacy.run("insert into {s}.people (email) values ('nobody@example.org')")
    with pytest.raises(PeopleMissing, match=r"2 people of old_shop\.people are unknown.*nobody@example\.org"):
        begin(make_plan(legacy))


def test_missing_people_are_made_with_an_organization_of_their_own(legacy: Legacy):
    legacy.run(
        "insert into {s}.people (email) values ('new@example.org'), (' NEW@example.org'), ('no address'), (null)"
    )
    conversion = begin(make_plan(legacy, people="create"))
    made = User.objects.get(email_lower="new@example.org")
    assert not made.has_usable_password()
    assert made.memberships.get().role == Role.OWNER
    assert decided(conversion.number) == {1: (org_of(made).pk, 1), 2: (org_of(made).pk, 1), 3: (None, 0), 4: (None, 0)}


def test_missing_people_become_members_of_the_named_organization(legacy: Legacy):
    org = make_org(slug="home-of-all")
    legacy.run("insert into {s}.people (email) values ('new@example.org')")
    conversion = begin(make_plan(legacy, people="create-in:home-of-all"))
    assert decided(conversion.number) == {1: (org.pk, 1)}
    assert OrgMember.objects.get(user__email="new@example.org").role == Role.MEMBER
    assert not Organization.objects.filter(created_by__email="new@example.org").exists()


def test_a_session_that_escapes_with_backslashes_makes_whom_it_meets(legacy: Legacy):
    take_to_column(make_plan(legacy, people="create"))
    (person,) = legacy.run("insert into {s}.people (email) values ('sissi.moss@example.org') returning id")
    with transaction.atomic():
        connection.cursor().execute("set local standard_conforming_strings = off")
        found = legacy.run_as_app("insert into {s}.orders values ('n', 1, %s) returning org_id", [person[0]])
    assert found == [(org_of(User.objects.get(email="sissi.moss@example.org")).pk,)]


def test_a_decision_outlives_the_membership_and_the_person(legacy: Legacy):
    (ann,), bob, cid = make_people(1), make_member(make_org()).user, make_member(make_org(), user=make_staff()).user
    legacy.add_people(ann, bob, cid)
    plan = make_plan(legacy)
    conversion = begin(plan)
    before = decided(conversion.number)
    make_member(make_org(), user=ann)
    OrgMember.objects.filter(user=bob, role="member").delete()
    OrgMember.objects.filter(user=cid).update(state="inactive")
    list(map_people(conversion, plan))
    assert decided(conversion.number) == before


def test_who_joins_an_organization_before_it_mattered_is_decided_the_next_time(legacy: Legacy):
    ann = make_staff()
    (one,) = legacy.add_people(ann)
    plan = make_plan(legacy)
    conversion = begin(plan)
    assert decided(conversion.number) == {one: (None, 0)}
    org = make_org()
    make_member(org, user=ann)
    list(map_people(conversion, plan))
    assert decided(conversion.number) == {one: (org.pk, 1)}


def test_two_processes_make_the_same_people_once(legacy: Legacy):
    legacy.run("insert into {s}.people (email) select 'p' || n || '@example.org' from generate_series(1, 300) n")
    plan = make_plan(legacy, people="create")
    conversion = begin(make_plan(legacy, people="create"))
    connection.cursor().execute(f"delete from private.conversion_people_{conversion.number}")
    answers = run_at_once([lambda: list(map_people(conversion, plan))] * 3)
    assert [a for a in answers if isinstance(a, Exception)] == []
    assert len(decided(conversion.number)) == User.objects.filter(email__endswith="@example.org").count() == 300


class TestMetLater:
    """People whom the old application brings in while the conversion is under way."""

    def test_somebody_we_know_is_decided_in_the_old_applications_transaction(self, legacy: Legacy):
        conversion = take_to_column(make_plan(legacy))
        (ann,) = make_people(1)
        (one,) = legacy.add_people(ann)
        found = legacy.run_as_app("insert into {s}.orders values ('n', 1, %s) returning org_id", [one])
        assert found == [(org_of(ann).pk,)]
        assert decided(conversion.number) == {one: (org_of(ann).pk, 1)}

    def test_somebody_unknown_is_made_where_the_plan_says_so(self, legacy: Legacy):
        take_to_column(make_plan(legacy, people="create"))
        legacy.run_as_app("insert into {s}.people (email) values ('late@example.org')")
        found = legacy.run_as_app("insert into {s}.orders values ('n', 1, 1) returning org_id")
        made = User.objects.get(email="late@example.org")
        assert found == [(org_of(made).pk,)]
        assert made.memberships.get().role == Role.OWNER

    def test_somebody_unknown_becomes_a_member_of_the_named_organization(self, legacy: Legacy):
        org = make_org(slug="home-of-all")
        take_to_column(make_plan(legacy, people="create-in:home-of-all"))
        legacy.run_as_app("insert into {s}.people (email) values ('late@example.org')")
        found = legacy.run_as_app("insert into {s}.orders values ('n', 1, 1), ('n', 2, 1) returning org_id")
        assert found == [(org.pk,)] * 2
        assert OrgMember.objects.get(user__email="late@example.org").role == Role.MEMBER

    def test_somebody_nobody_knows_breaks_nothing(self, legacy: Legacy):
        take_to_column(make_plan(legacy))
        legacy.run_as_app("insert into {s}.people (email) values ('late@example.org'), (null)")
        found = legacy.run_as_app(
            "insert into {s}.orders values ('n', 1, 1), ('n', 2, 2), ('n', 3, null) returning org_id"
        )
        assert found == [(None,)] * 3

    def test_a_key_of_another_kind_is_compared_as_text(self, legacy: Legacy):
        take_to_column(make_plan(legacy))
        (ann,) = make_people(1)
        (one,) = legacy.add_people(ann)
        found = legacy.run_as_app(
            'insert into {s}."Odd ""Names"" %%s" values (1, %s), (2, %s), (3, %s) returning org_id',
            [str(one), f"0{one}", "x'; drop table people"],
        )
        assert found == [(org_of(ann).pk,), (None,), (None,)]

    def test_two_transactions_meet_the_same_people_in_opposite_order(self, legacy: Legacy, stranger):
        conversion = take_to_column(make_plan(legacy))
        ann, bob = make_people(2)
        one, two = legacy.add_people(ann, bob)
        insert = f"insert into {legacy.schema}.orders values (%s, 1, %s) returning org_id"
        stranger.execute("set lock_timeout = '2s'")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '2s'; set local role none")
            cursor.execute(insert, ["a", one])
            stranger.execute("set local role none")
            stranger.execute(insert, ["b", two])
            cursor.execute(insert, ["c", two])
            assert cursor.fetchone() == (org_of(bob).pk,)
            stranger.execute(insert, ["d", one])
            assert stranger.fetchone() == (org_of(ann).pk,)
        stranger.connection.commit()
        assert decided(conversion.number) == {one: (org_of(ann).pk, 1), two: (org_of(bob).pk, 1)}

    def test_only_our_own_functions_can_prove_a_membership(self, legacy: Legacy):
        org = make_org(slug="home-of-all")
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute("grant insert, select on users to tenantry_batch")
            cursor.execute("create policy p on users to tenantry_batch using (true) with check (true)")
            cursor.execute("select set_config('tenantry.provision', %s, true)", [f"org:{org.pk}:{'0' * 64}"])
            cursor.execute("set local role tenantry_batch")
            with pytest.raises(DatabaseError, match="provision is invite"), transaction.atomic():
                cursor.execute("insert into users (email) values ('thief@example.org')")
            transaction.set_rollback(True)
