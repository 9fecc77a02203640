"""The active organization: chosen by the person, checked by the database, never stale."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.active_org import get_active_org, set_active_org
from tenants.errors import NotAllowed, NotFound
from tenants.membership import add_member, deactivate_member, reactivate_member, remove_member
from tenants.models import MemberState, Organization, OrgMember, OrgStatus
from tenants.scope import api_scope, owner_scope, service_scope, staff_scope
from tests.factories import make_person, make_staff, make_superuser, org_of
from tests.log_reading import logged_rows


@pytest.fixture
def person(org, owner):
    """A member of an organization of their own, and of another."""
    person = make_person()
    add_member(org, person, role="member", actor=owner)
    return person


def chosen(person):
    return type(person).objects.values_list("active_org_id", flat=True).get(pk=person.pk)


def call(function, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"select {function}({', '.join(['%s'] * len(parameters))})", parameters)
        return cursor.fetchone()[0]


class TestChoosing:
    def test_the_choice_is_kept_on_the_person(self, org, person):
        assert set_active_org(person, org, actor=person) == org.pk
        assert (chosen(person), person.active_org_id) == (org.pk, org.pk)
        assert get_active_org(person) == org

    def test_it_works_in_the_api_as_a_service_and_by_id(self, org, person):
        home = org_of(person)
        with api_scope(person.pk, home.pk):
            set_active_org(person, org.pk, actor=person)
        assert chosen(person) == org.pk
        with service_scope("set-active-org"):
            set_active_org(person, home, actor=person)
        assert chosen(person) == home.pk

    def test_one_row_is_logged_in_the_persons_name(self, org, person):
        with logged_rows() as rows:
            set_active_org(person, org, actor=person)
        assert [(r.actor, r.table_name, r.new_data) for r in rows] == [
            (f"user:{person.pk}", "users", {"active_org_id": str(org.pk)})
        ]

    def test_the_same_again_logs_nothing(self, org, person):
        set_active_org(person, org, actor=person)
        with logged_rows() as rows:
            set_active_org(person, org, actor=person)
        assert rows == []

    def test_a_foreign_and_a_missing_organization_get_the_same_answer(self, other_org, person):
        answers = []
        for org in (other_org.pk, uuid.uuid4()):
            with pytest.raises(NotFound) as refused:
                set_active_org(person, org, actor=person)
            answers.append((refused.value.sentence, refused.value.code))
        assert answers[0] == answers[1]
        assert chosen(person) is None

    @pytest.mark.parametrize("state", [MemberState.PENDING, MemberState.INACTIVE])
    def test_only_an_active_membership_counts(self, org, person, state):
        OrgMember.objects.filter(org=org, user=person).update(state=state)
        with pytest.raises(NotFound):
            set_active_org(person, org, actor=person)

    @pytest.mark.parametrize("status", [OrgStatus.SUSPENDED, OrgStatus.DELETING])
    def test_only_an_organization_that_works_counts(self, org, person, status):
        close(org, status)
        with pytest.raises(NotFound):
            set_active_org(person, org, actor=person)

    def test_nobody_chooses_for_somebody_else(self, org, person):
        with pytest.raises(NotAllowed, match="themselves"):
            set_active_org(person, org, actor=make_superuser())


def close(org, status):
    since = {"deleting_since": org.created_at} if status == OrgStatus.DELETING else {}
    Organization.objects.filter(pk=org.pk).update(status=status, **since)


class TestFallingBack:
    def test_without_a_choice_it_is_the_earliest_active_membership(self, person):
        assert chosen(person) is None
        assert get_active_org(person) == org_of(person)

    def test_a_choice_whose_membership_ended_falls_back_and_holds_again_later(self, org, owner, person):
        set_active_org(person, org, actor=person)
        member = OrgMember.objects.get(org=org, user=person)
        deactivate_member(member, actor=owner)
        assert get_active_org(person) == org_of(person)
        reactivate_member(member, actor=owner)
        assert get_active_org(person) == org
        remove_member(member, actor=owner)
        assert get_active_org(person) == org_of(person)

    @pytest.mark.parametrize("status", [OrgStatus.SUSPENDED, OrgStatus.DELETING])
    def test_an_organization_that_was_closed_falls_back(self, org, person, status):
        set_active_org(person, org, actor=person)
        close(org, status)
        assert get_active_org(person) == org_of(person)

    def test_a_deleted_organization_sets_the_choice_to_null(self, org, person):
        set_active_org(person, org, actor=person)
        Organization.objects.filter(pk=org.pk)._raw_delete("default")
        assert chosen(person) is None
        assert get_active_org(person) == org_of(person)

    def test_who_is_a_member_of_nothing_has_none(self, db):
        assert get_active_org(make_staff()) is None

    def test_it_reads_in_every_scope(self, org, person):
        set_active_org(person, org, actor=person)
        with api_scope(person.pk, org_of(person).pk):
            assert get_active_org(person) == org
        with owner_scope("test"):
            assert get_active_org(person) == org
        with staff_scope(make_superuser().pk, all_orgs=True):
            assert get_active_org(person) == org


class TestSqlFunctions:
    def test_a_person_names_only_themselves(self, org, other_org, person, stranger):
        with api_scope(person.pk, org.pk):
            assert call("set_user_active_org", person.pk, org.pk) == org.pk
            assert call("get_user_active_org", person.pk) == org.pk
            assert call("get_user_active_org", stranger.pk) is None
            with pytest.raises(DatabaseError, match="no such organization"):
                call("set_user_active_org", stranger.pk, other_org.pk)
        assert chosen(stranger) is None

    def test_a_service_in_a_persons_name_names_only_them(self, org, person, stranger):
        with service_scope("test", sub=person.pk):
            assert call("get_user_active_org", person.pk) == org_of(person).pk
            assert call("get_user_active_org", stranger.pk) is None

    def test_a_service_in_nobodys_name_names_anyone(self, org, person):
        with service_scope("token"):
            assert call("set_user_active_org", person.pk, org.pk) == org.pk

    def test_the_owner_names_anyone_and_gets_the_same_check(self, org, other_org, person):
        assert call("set_user_active_org", person.pk, org.pk) == org.pk
        with pytest.raises(DatabaseError, match="no such organization"):
            call("set_user_active_org", person.pk, other_org.pk)
