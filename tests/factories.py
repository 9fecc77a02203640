"""Plain functions that make what a test needs; two organizations always exist (see conftest.py)."""

from typing import Any

import factory.django
from django.utils import timezone
from factory.declarations import Sequence

from accounts.models import User
from tenants.models import MemberState, Organization, OrgMember, Role, Store, Workspace

PASSWORD = "correct horse battery staple"


class PersonFactory(factory.django.DjangoModelFactory):
    """A person with a password, given an organization by the database."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = Sequence(lambda n: f"person{n}@example.org")
    password = factory.django.Password(PASSWORD)


def make_person(**fields: Any) -> User:
    """A person, as they stand in the database after its triggers ran."""
    made: Any = PersonFactory(**fields)
    return User.objects.get(pk=made.pk)


def make_staff(**fields: Any) -> User:
    """Somebody who may sign in to the console; not provisioned."""
    return make_person(**{"is_staff": True, **fields})


def make_superuser(**fields: Any) -> User:
    return make_staff(is_superuser=True, **fields)


def org_of(person: User) -> Organization:
    """The organization a new person was given."""
    return Organization.objects.get(created_by=person)


def make_org(**fields: Any) -> Organization:
    """An organization with an owner of its own."""
    org = org_of(make_person())
    if fields:
        Organization.objects.filter(pk=org.pk).update(**fields)
        org.refresh_from_db()
    return org


def owner_of(org: Organization) -> User:
    return org.members.filter(role=Role.OWNER).order_by("joined_at")[0].user


def make_member(
    org: Organization, role: str = Role.MEMBER, state: str = MemberState.ACTIVE, **fields: Any
) -> OrgMember:
    """A person who is also a member of this organization."""
    person = fields.pop("user", None) or make_person()
    return OrgMember.objects.create(org=org, user=person, role=role, state=state, joined_at=timezone.now(), **fields)


def make_workspace(org: Organization, name: str = "North") -> Workspace:
    return Workspace.objects.create(org=org, name=name)


def make_store(org: Organization, name: str = "Harbour", workspace: Workspace | None = None) -> Store:
    workspace = workspace or Workspace.objects.filter(org=org)[0]
    return Store.objects.create(org=org, workspace=workspace, name=name)
