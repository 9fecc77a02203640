"""The scope: who acts, and that it ends."""

import pytest
from django.db import connection, transaction

from tenants.models import OrgMember, Workspace
from tenants.scope import ScopeError, api_scope, current_scope
from tests.factories import make_person, org_of


def test_a_person_sees_the_rows_of_the_claims_organization_only(org, other_org, owner):
    with api_scope(owner.pk, org.pk):
        assert {w.org_id for w in Workspace.objects.all()} == {org.pk}


def test_leaving_a_scope_puts_role_and_claims_back(org, owner):
    with api_scope(owner.pk, org.pk):
        scope = current_scope()
        assert scope
        assert scope.org_id == org.pk
    assert current_scope() is None
    with connection.cursor() as cursor:
        cursor.execute("select current_user, current_setting('request.jwt.claims', true)")
        assert cursor.fetchone() == ("tenantry_owner", "")


@pytest.mark.django_db(transaction=True)
def test_a_scope_outside_a_transaction_is_an_error():
    person = make_person()
    with pytest.raises(ScopeError, match="open it first"), api_scope(person.pk, org_of(person).pk):
        pass


@pytest.mark.django_db(transaction=True)
def test_the_end_of_the_transaction_ends_the_scope():
    person = make_person()
    with transaction.atomic(), api_scope(person.pk, org_of(person).pk):
        assert OrgMember.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("select auth_claims()")
        assert cursor.fetchone() == (None,)
