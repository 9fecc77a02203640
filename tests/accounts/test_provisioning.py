"""Provisioning: whoever inserts a person, by whatever means, gets a whole one."""

from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from audit.models import AuditLog
from tenants.invitations import invite, revoke_invitation
from tenants.models import Invitation, MemberState, Organization, OrgMember, Role, Workspace
from tenants.scope import service_scope
from tests.factories import make_person, make_staff, org_of
from tests.racing import run_at_once

RACERS = 50


def insert_by_sql(email, provision=None):
    """As psql does it: the e-mail and nothing else."""
    with transaction.atomic(), connection.cursor() as cursor:
        if provision is not None:
            cursor.execute("select set_config('tenantry.provision', %s, true)", [provision])
        cursor.execute("insert into users (email) values (%s) returning id", [email])
        (pk,) = cursor.fetchone()
        cursor.execute("select set_config('tenantry.provision', '', true)")
    return User.objects.get(pk=pk)


def memberships(person):
    return sorted(OrgMember.objects.filter(user=person).values_list("org_id", "role", "state"))


class TestByDefault:
    def test_raw_sql_makes_a_whole_person(self, db):
        person = insert_by_sql("Jane.Doe@Example.org")
        home = org_of(person)
        assert memberships(person) == [(home.pk, Role.OWNER, MemberState.ACTIVE)]
        assert OrgMember.objects.get(user=person).joined_at is not None
        assert Workspace.objects.filter(org=home).count() == 1
        assert (home.slug, home.status) == ("jane-doe-org", "active")
        assert (person.profile.email, person.profile.full_name) == ("Jane.Doe@Example.org", "")
        assert person.preferences.theme_preference == "system"
        assert (person.email_lower, person.is_active, person.is_staff) == ("jane.doe@example.org", True, False)

    def test_a_person_made_by_sql_has_no_usable_password(self, db):
        person = insert_by_sql("a@b.c")
        assert not person.has_usable_password()
        assert not person.check_password("")
        assert not person.check_password("!")

    def test_django_makes_the_same_and_so_does_bulk_create(self, db):
        User.objects.bulk_create([User(email="one@example.org"), User(email="two@example.org")])
        people = [User.objects.get(email="one@example.org"), make_person()]
        for person in people:
            assert memberships(person) == [(org_of(person).pk, Role.OWNER, MemberState.ACTIVE)]
            assert person.profile.email == person.email

    def test_staff_are_given_no_organization(self, db):
        person = make_staff()
        assert memberships(person) == []
        assert person.profile.email == person.email

    def test_an_insert_that_rolls_back_leaves_nothing(self, db):
        before = Organization.objects.count()
        twice = User(email="a@b.c"), User(email="A@B.C")
        with pytest.raises(DatabaseError), transaction.atomic():
            User.objects.bulk_create(twice)
        assert Organization.objects.count() == before

    def test_a_service_provisions_as_well(self, db):
        with service_scope("sign-up"):
            person = make_person()
        assert memberships(person) == [(org_of(person).pk, Role.OWNER, MemberState.ACTIVE)]

    @pytest.mark.parametrize("email", ["1@example.org", "admin@example.org", "...@example.org", "Жанна@example.org"])
    def test_any_address_gives_a_valid_slug(self, db, email):
        home = org_of(insert_by_sql(email))
        Organization._meta.get_field("slug").run_validators(home.slug)

    def test_an_address_with_a_very_long_name_gives_a_valid_slug(self, db):
        first, second = (org_of(insert_by_sql(f"{'m' * 200}@{domain}")) for domain in ("a.org", "b.org"))
        for home in (first, second):
            Organization._meta.get_field("slug").run_validators(home.slug)

    def test_the_profile_follows_a_changed_email(self, db):
        person = make_person()
        User.objects.filter(pk=person.pk).update(email="new@example.org")
        person.profile.refresh_from_db()
        assert person.profile.email == "new@example.org"


class TestByInvitation:
    @pytest.fixture
    def sent(self, org, owner):
        return invite(org, "new@example.org", role=Role.ADMIN, actor=owner)

    def test_the_token_makes_them_a_member_there_and_gives_no_organization_of_their_own(self, org, sent):
        person = insert_by_sql("New@Example.ORG", f"invite:{sent[1]}")
        assert memberships(person) == [(org.pk, Role.ADMIN, MemberState.ACTIVE)]
        assert not Organization.objects.filter(created_by=person).exists()
        assert Invitation.objects.get(pk=sent[0].pk).accepted_by_id == person.pk

    def test_the_wrong_address_is_refused_and_makes_nobody(self, sent):
        with pytest.raises(DatabaseError, match="another address"):
            insert_by_sql("thief@example.org", f"invite:{sent[1]}")
        assert not User.objects.filter(email="thief@example.org").exists()

    def test_a_used_a_withdrawn_and_a_made_up_token_are_refused(self, owner, sent):
        revoke_invitation(sent[0], actor=owner)
        for token in (sent[1], "made-up", ""):
            with pytest.raises(DatabaseError, match="cannot be accepted"):
                insert_by_sql("new@example.org", f"invite:{token}")

    def test_the_address_alone_lets_nobody_in(self, org, sent):
        person = insert_by_sql("new@example.org")
        assert memberships(person) == [(org_of(person).pk, Role.OWNER, MemberState.ACTIVE)]
        assert not OrgMember.objects.filter(org=org, user=person).exists()

    def test_one_token_lets_one_person_in(self, sent):
        insert_by_sql("new@example.org", f"invite:{sent[1]}")
        with pytest.raises(DatabaseError):
            insert_by_sql("new@example.org", f"invite:{sent[1]}")

    def test_a_service_signs_up_by_token(self, org, sent):
        with service_scope("sign-up"), connection.cursor() as cursor:
            cursor.execute("select set_config('tenantry.provision', %s, true)", [f"invite:{sent[1]}"])
            person = make_person(email="new@example.org")
        assert memberships(person) == [(org.pk, Role.ADMIN, MemberState.ACTIVE)]


class TestByOrganization:
    def test_the_owner_makes_a_member_of_a_given_organization(self, org):
        person = insert_by_sql("new@example.org", f"org:{org.pk}")
        assert memberships(person) == [(org.pk, Role.MEMBER, MemberState.ACTIVE)]

    def test_a_service_may_not(self, org):
        with pytest.raises(DatabaseError, match=r"org:<id> for the owner"), service_scope("sign-up"):
            insert_by_sql("new@example.org", f"org:{org.pk}")

    @pytest.mark.parametrize("wish", ["org:", "org:nonsense", "org:00000000-0000-0000-0000-000000000001"])
    def test_no_such_organization_makes_nobody(self, db, wish):
        with pytest.raises(DatabaseError):
            insert_by_sql("new@example.org", wish)
        assert not User.objects.filter(email="new@example.org").exists()

    @pytest.mark.parametrize("wish", ["nonsense", "nobody", "invite", "INVITE:x", " "])
    def test_any_other_wish_is_refused(self, db, wish):
        with pytest.raises(DatabaseError, match=r"tenantry\.provision is invite"):
            insert_by_sql("new@example.org", wish)


class TestNone:
    def test_the_owner_may_ask_for_no_organization(self, db):
        assert not insert_by_sql("new@example.org", "none").memberships.exists()

    def test_nobody_else_may(self, db):
        with service_scope("sign-up"), pytest.raises(DatabaseError, match=r"tenantry\.provision is invite"):
            insert_by_sql("new@example.org", "none")


def test_the_log_tells_of_every_row_that_provisioning_makes(db):
    person = insert_by_sql("a@b.c")
    rows = AuditLog.objects.filter(action="INSERT").values_list("table_name", "actor")
    tables = ["org_members", "organizations", "user_preferences", "user_profiles", "users", "workspaces"]
    assert sorted(table for table, _ in rows) == tables
    assert len({actor for _, actor in rows}) == 1
    assert person.password not in str(list(AuditLog.objects.values_list("new_data__password", flat=True)))


@pytest.mark.django_db(transaction=True)
def test_colliding_slugs_resolve_when_many_people_are_inserted_at_once():
    # One slug for all of them, and look-alikes of it beside.
    names = ["Sam.Hill", "sam-hill", "SAM_HILL", "sarn.hill", "samhi11"]
    emails = [f"{names[n % len(names)]}@host{n}.example.org" for n in range(RACERS)]
    answers = run_at_once([partial(insert_by_sql, email) for email in emails])
    assert [a for a in answers if not isinstance(a, User)] == []
    homes = list(Organization.objects.all())
    assert len(homes) == len({h.slug for h in homes}) == len({h.slug_skeleton for h in homes}) == RACERS
    assert OrgMember.objects.filter(role=Role.OWNER, state=MemberState.ACTIVE).count() == RACERS
    assert Workspace.objects.count() == RACERS
