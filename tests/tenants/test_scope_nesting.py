"""Scopes inside scopes: what may change, what comes back, and that errors and savepoints put everything in place."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from tenants.models import MemberState, Organization, OrgMember, OrgStatus, Store
from tenants.scope import (
    ScopeRefused,
    api_scope,
    current_scope,
    owner_scope,
    request_scope,
    service_scope,
    staff_scope,
)
from tests.factories import make_member, make_person, make_staff, make_superuser

pytestmark = pytest.mark.django_db


def ask(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def acting() -> tuple[str, str | None, str | None]:
    """Role, organization and reason, as the database sees them."""
    with connection.cursor() as cursor:
        cursor.execute("select current_user::text, auth_org_id()::text, auth_claims() ->> 'reason'")
        role, org, reason = cursor.fetchone()
    return role, org, reason


def surface() -> str | None:
    scope = current_scope()
    return scope.surface if scope else None


def test_a_service_may_become_a_person_and_be_itself_again(org, owner):
    with service_scope("sign-in"):
        with api_scope(owner.pk, org.pk):
            assert acting() == ("tenantry_api", str(org.pk), None)
        assert acting() == ("tenantry_service", None, "sign-in")
        assert surface() == "service"


def test_a_nested_scope_may_change_the_person(org, owner):
    other = make_member(org).user
    with api_scope(owner.pk, org.pk):
        with api_scope(other.pk, org.pk) as scope:
            assert scope.role == "member"
        assert ask("select auth_user_id()") == owner.pk


def test_a_nested_scope_may_change_the_reason(org):
    with service_scope("sign-up"):
        with service_scope("invitation"):
            assert acting()[2] == "invitation"
        assert acting()[2] == "sign-up"


def test_a_nested_scope_keeps_the_organization_it_does_not_name(org, owner):
    with api_scope(owner.pk, org.pk), service_scope("notify"):
        assert acting() == ("tenantry_service", str(org.pk), "notify")


def test_a_scope_without_an_organization_may_gain_one(org, owner):
    with api_scope(owner.pk, None):
        assert Store.objects.count() == 0
        with api_scope(owner.pk, org.pk):
            assert acting()[1] == str(org.pk)
        assert acting()[1] is None


def test_a_scope_with_an_organization_cannot_change_it(org, other_org, owner):
    make_member(other_org, user=owner)
    with api_scope(owner.pk, org.pk):
        change = api_scope(owner.pk, other_org.pk)
        with pytest.raises(DatabaseError, match="cannot change to another one"), transaction.atomic(), change:
            pass
        assert acting()[1] == str(org.pk)


def test_an_error_inside_a_scope_ends_it_and_the_one_outside_goes_on(org, owner):
    with service_scope("outer"):
        with pytest.raises(ZeroDivisionError), api_scope(owner.pk, org.pk):
            raise ZeroDivisionError
        assert acting() == ("tenantry_service", None, "outer")


def test_a_refused_statement_inside_a_scope_leaves_the_savepoint_around_it_clean(org, owner):
    with service_scope("outer"):
        with pytest.raises(DatabaseError), transaction.atomic(), api_scope(owner.pk, org.pk):
            ask("select 1 from private.claims_keys")
        assert acting() == ("tenantry_service", None, "outer")
        assert surface() == "service"


def test_a_released_savepoint_keeps_nothing_of_the_scope_inside_it(org, owner):
    with service_scope("outer"):
        with transaction.atomic(), api_scope(owner.pk, org.pk):
            ask("select 1")
        assert acting() == ("tenantry_service", None, "outer")


def test_a_rolled_back_savepoint_restores_the_scope_it_began_in(org, owner):
    with service_scope("outer"):
        with transaction.atomic():
            with api_scope(owner.pk, org.pk):
                ask("select 1")
            transaction.set_rollback(True)
        assert acting() == ("tenantry_service", None, "outer")


def test_a_savepoint_inside_a_scope_keeps_it(org, owner):
    with api_scope(owner.pk, org.pk):
        with pytest.raises(DatabaseError), transaction.atomic():
            ask("select 1 / 0")
        assert acting()[1] == str(org.pk)


def test_the_owner_scope_puts_aside_whoever_is_acting(org, owner):
    with owner_scope("purge", "retention"):
        assert ask("select auth_claims()") is None
        assert ask("select current_user::text") == "tenantry_owner"
    assert ask("select coalesce(current_setting('tenantry.job', true), '')") == ""


def test_a_request_is_its_transaction(org, owner):
    with request_scope("api", sub=owner.pk, org_id=org.pk) as scope:
        assert scope.role == "owner"
        assert current_scope() is scope
    assert current_scope() is None


def test_a_role_taken_away_is_gone_at_the_next_request(org):
    member = make_member(org, "admin")
    with api_scope(member.user_id, org.pk) as scope:
        assert scope.role == "admin"
    OrgMember.objects.filter(pk=member.pk).update(role="member")
    with api_scope(member.user_id, org.pk) as scope:
        assert scope.role == "member"


@pytest.mark.parametrize("state", [MemberState.PENDING, MemberState.INACTIVE])
def test_who_is_no_active_member_has_no_organization(org, state):
    member = make_member(org, state=state)
    with api_scope(member.user_id, org.pk) as scope:
        assert (scope.status, scope.org_id, scope.role) == ("no-active-organization", None, None)
        assert Store.objects.count() == 0


def test_a_stranger_has_no_organization(org, stranger):
    with api_scope(stranger.pk, org.pk) as scope:
        assert (scope.status, scope.org_id) == ("no-active-organization", None)
        assert scope.user_id == stranger.pk


@pytest.mark.parametrize("status", [OrgStatus.SUSPENDED, OrgStatus.DELETING])
def test_a_suspended_or_deleted_organization_lets_nobody_in(org, owner, status):
    since = ask("select now()") if status == OrgStatus.DELETING else None
    Organization.objects.filter(pk=org.pk).update(status=status, deleting_since=since)
    with api_scope(owner.pk, org.pk) as scope:
        assert (scope.status, scope.org_id) == ("no-active-organization", None)


def test_a_disabled_person_is_nobody(org, owner):
    User.objects.filter(pk=owner.pk).update(is_active=False)
    with pytest.raises(ScopeRefused, match="nobody") as refusal, api_scope(owner.pk, org.pk):
        pass
    assert refusal.value.status == "nobody"
    assert acting() == ("tenantry_owner", None, None)
    assert current_scope() is None


def test_a_missing_person_is_nobody(org):
    with pytest.raises(ScopeRefused), api_scope(org.pk, org.pk):
        pass


def test_who_is_not_staff_has_no_console(org, owner):
    with pytest.raises(ScopeRefused), staff_scope(owner.pk, org.pk):
        pass


def test_disabled_staff_have_no_console(org):
    person = make_superuser(is_active=False)
    with pytest.raises(ScopeRefused), staff_scope(person.pk, org.pk):
        pass


def test_staff_work_in_an_organization_of_their_own(org, other_org):
    person = make_staff()
    make_member(org, user=person)
    with staff_scope(person.pk, org.pk) as scope:
        assert scope.org_id == org.pk
    with staff_scope(person.pk, other_org.pk) as scope:
        assert (scope.status, scope.org_id) == ("no-console-organization", None)
        assert OrgMember.objects.count() == 0
    with staff_scope(person.pk, all_orgs=True) as scope:
        assert (scope.status, scope.all_orgs) == ("no-console-organization", False)


def test_superusers_work_in_any_organization_or_in_all(org, other_org):
    person = make_superuser()
    with staff_scope(person.pk, org.pk):
        assert {m.org_id for m in OrgMember.objects.all()} == {org.pk}
    with staff_scope(person.pk, all_orgs=True) as scope:
        assert scope.all_orgs
        assert {m.org_id for m in OrgMember.objects.all()} >= {org.pk, other_org.pk}


def test_staff_of_a_suspended_organization_still_look_after_it(org):
    person = make_superuser()
    Organization.objects.filter(pk=org.pk).update(status=OrgStatus.SUSPENDED)
    with staff_scope(person.pk, org.pk) as scope:
        assert scope.org_id == org.pk


def test_a_person_without_any_organization_still_sees_themselves():
    person = make_person()
    with api_scope(person.pk, None):
        assert [u.pk for u in User.objects.all()] == [person.pk]
