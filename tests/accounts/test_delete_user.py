"""Deleting a person: what goes with them, what stays, and what forbids it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.lifecycle import delete_user
from accounts.models import User, UserPreferences, UserProfile
from tenants.errors import Conflict, NotAllowed, NotFound
from tenants.lifecycle import purge_organizations, restore_organization
from tenants.models import Invitation, MemberState, Organization, OrgMember, OrgStatus, Role
from tenants.scope import api_scope, service_scope, staff_scope
from tests.factories import make_member, make_person, make_staff, make_superuser, org_of
from tests.log_reading import actors, changes, logged_rows


@pytest.fixture
def person(db):
    return make_person()


def is_there(person):
    return User.objects.filter(pk=person.pk).exists()


class TestAlone:
    def test_the_person_goes_and_their_own_organization_goes_into_deletion(self, person):
        home = org_of(person)
        delete_user(person, actor=person)
        home.refresh_from_db()
        assert not is_there(person)
        assert (home.status, home.created_by_id) == (OrgStatus.DELETING, None)
        assert home.deleting_since is not None
        assert not OrgMember.objects.filter(org=home).exists()
        for model in (UserProfile, UserPreferences):
            assert not model.objects.filter(user_id=person.pk).exists()

    def test_the_empty_organization_remains_until_it_is_purged(self, person, settings):
        home = org_of(person)
        delete_user(person, actor=person)
        assert purge_organizations() == []
        past = timezone.now() - timedelta(days=settings.TENANTRY_DELETION_GRACE_DAYS + 1)
        Organization.objects.filter(pk=home.pk).update(deleting_since=past)
        assert purge_organizations() == [home.pk]

    def test_the_empty_organization_is_not_restored(self, person):
        home = org_of(person)
        delete_user(person, actor=person)
        with pytest.raises(Conflict, match="at least one active owner"):
            restore_organization(home, actor=make_superuser())

    def test_members_who_are_not_active_do_not_keep_the_person(self, person):
        make_member(org_of(person), state=MemberState.INACTIVE)
        make_member(org_of(person), state=MemberState.PENDING)
        delete_user(person, actor=person)
        assert not is_there(person)

    def test_each_row_is_logged_in_the_actors_name(self, person):
        with logged_rows() as rows:
            delete_user(person, actor=person)
        assert changes(rows) == [
            ("DELETE", "org_members"),
            ("DELETE", "user_preferences"),
            ("DELETE", "user_profiles"),
            ("DELETE", "users"),
            ("UPDATE", "organizations"),
            ("UPDATE", "organizations"),
        ]
        assert actors(rows) == {f"user:{person.pk}"}
        assert {row.reason for row in rows} == {"delete user"}
        assert [row.old_data["password"] for row in rows if row.table_name == "users"] == ["[redacted]"]


class TestShared:
    def test_the_last_owner_of_an_organization_with_others_stays_and_nothing_has_changed(self, person):
        home = org_of(person)
        make_member(home)
        with logged_rows() as rows, pytest.raises(Conflict, match="hand it over or delete it") as refused:
            delete_user(person, actor=person)
        assert refused.value.code == "org_members_last_owner"
        assert is_there(person)
        assert rows == []

    def test_one_shared_organization_keeps_the_others_open_as_well(self, person, org):
        make_member(org, Role.OWNER, user=person)
        OrgMember.objects.filter(org=org).exclude(user=person).update(role=Role.MEMBER)
        with pytest.raises(Conflict, match=org.name):
            delete_user(person, actor=person)
        assert org_of(person).status == OrgStatus.ACTIVE

    def test_one_of_two_owners_goes_and_the_organization_works_on(self, person, org):
        make_member(org, Role.OWNER, user=person)
        delete_user(person, actor=person)
        org.refresh_from_db()
        assert org.status == OrgStatus.ACTIVE
        assert not is_there(person)

    def test_an_inactive_co_owner_does_not_count(self, person):
        make_member(org_of(person), Role.OWNER, MemberState.INACTIVE)
        make_member(org_of(person))
        with pytest.raises(Conflict):
            delete_user(person, actor=person)

    def test_an_organization_in_deletion_does_not_keep_the_person(self, person):
        home = org_of(person)
        make_member(home)
        Organization.objects.filter(pk=home.pk).update(status=OrgStatus.DELETING, deleting_since=timezone.now())
        delete_user(person, actor=person)
        assert not is_there(person)


class TestWhoAndWhere:
    def test_a_person_deletes_themselves_in_the_api_and_as_a_service(self, person):
        other = make_person()
        with api_scope(person.pk, org_of(person).pk):
            delete_user(person, actor=person)
        with service_scope("profile"):
            delete_user(other, actor=other)
        assert not is_there(person)
        assert not is_there(other)

    def test_a_superuser_deletes_others_in_the_console_and_in_commands(self, person):
        superuser, other = make_superuser(), make_person()
        with logged_rows() as rows, staff_scope(superuser.pk, all_orgs=True):
            delete_user(person, actor=superuser)
        assert actors(rows) == {f"user:{superuser.pk}"}
        delete_user(other, actor=superuser)
        assert not is_there(person)
        assert not is_there(other)

    def test_a_superuser_deletes_nobody_else_in_the_api_nor_within_one_organization(self, person, org):
        superuser = make_superuser()
        for scope in (api_scope(superuser.pk, None), staff_scope(superuser.pk, org.pk)):
            with scope, pytest.raises(NotAllowed):
                delete_user(person, actor=superuser)

    def test_staff_and_owners_delete_nobody_else(self, person, org, owner):
        make_member(org, user=person)
        for actor in (owner, make_staff()):
            with pytest.raises(NotAllowed):
                delete_user(person, actor=actor)

    def test_who_is_gone_is_not_found(self, person):
        delete_user(person, actor=person)
        with pytest.raises(NotFound):
            delete_user(person, actor=person)

    def test_what_names_the_person_elsewhere_goes_or_forgets_them(self, person, org):
        person.groups.add(Group.objects.create(name="Support"))
        Invitation.objects.create(
            org=org, email="a@b.c", token_hash="x", invited_by=person, expires_at=timezone.now(), sent_at=timezone.now()
        )
        delete_user(person, actor=person)
        assert Invitation.objects.get(org=org).invited_by_id is None
