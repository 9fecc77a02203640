"""Staff of every kind, signed in."""

import pytest
from django.contrib.auth.models import Permission

from accounts.models import User
from tests.clients import WebClient
from tests.factories import make_member, make_staff, make_superuser


def sign_in(person) -> WebClient:
    client = WebClient()
    client.force_login(person)
    return client


def make_operator(org, **fields) -> User:
    """Staff of one organization with every permission, but no superuser."""
    person = make_staff(**fields)
    person.user_permissions.set(Permission.objects.all())
    make_member(org, user=person, role="admin")
    return person


@pytest.fixture
def superuser(db):
    return make_superuser(email="root@example.org")


@pytest.fixture
def in_all(superuser) -> WebClient:
    return sign_in(superuser)


@pytest.fixture
def in_org(superuser, org) -> WebClient:
    User.objects.filter(pk=superuser.pk).update(console_org=org)
    return sign_in(superuser)


@pytest.fixture
def operator(org):
    return make_operator(org, email="operator@example.org")


@pytest.fixture
def as_operator(operator) -> WebClient:
    return sign_in(operator)
