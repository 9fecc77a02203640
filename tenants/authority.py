"""Authority: what the actor may do in an organization at this moment, from the membership row or as staff."""

from typing import Any, Protocol
from uuid import UUID

from tenants.errors import NotAllowed
from tenants.models import MemberState, OrgMember, Role
from tenants.scope import Scope, current_scope


class Person(Protocol):
    """A person as this floor knows them: the model is of the floor above."""

    pk: Any


class Actor(Person, Protocol):
    """Who asks for something."""

    @property
    def is_staff(self) -> bool: ...

    @property
    def is_superuser(self) -> bool: ...


def authority_of(actor: Actor, org_id: UUID) -> Role | None:
    """The role the actor acts with; None: no business there."""
    return staff_authority(actor, org_id) or member_authority(actor, org_id)


def staff_authority(actor: Actor, org_id: UUID) -> Role | None:
    """In the console, staff act as owner of the organization in scope; in commands, superusers do of any."""
    scope = current_scope()
    if scope is None or scope.surface == "database":
        return Role.OWNER if actor.is_superuser else None
    if scope.surface == "console" and actor.is_staff and scope.user_id == actor.pk and _reaches(scope, org_id):
        return Role.OWNER
    return None


def member_authority(actor: Person, org_id: UUID) -> Role | None:
    """The role of the active membership, read now."""
    scope = current_scope()
    if scope and scope.user_id not in (None, actor.pk):
        raise NotAllowed("The actor is not the person whose scope this is.")
    if actor.pk is None:
        return key_authority(org_id)
    members = OrgMember.objects.filter(org_id=org_id, user_id=actor.pk, state=MemberState.ACTIVE)
    role = members.values_list("role", flat=True).first()
    return Role(role) if role else None


def key_authority(org_id: UUID) -> Role | None:
    """The role of the API key whose scope this is: its row was read when the scope was entered."""
    scope = current_scope()
    is_key = scope is not None and "api_key_id" in scope.claims and scope.org_id == org_id
    return Role(scope.role) if scope and is_key and scope.role else None


def require_authority(actor: Actor, org_id: UUID, *roles: str) -> Role:
    """Admins and owners act, and only on and with roles that are not above their own."""
    held = authority_of(actor, org_id)
    needed = max((Role.ADMIN, *map(Role, roles)), key=lambda role: role.rank)
    return require_role(held, needed)


def require_role(held: Role | None, needed: Role) -> Role:
    """Pass an actor who holds at least this role."""
    if held is None:
        raise NotAllowed("Only active members of this organization can do this.", "not-a-member")
    if held.rank < needed.rank:
        who = "owners" if needed == Role.OWNER else "admins and owners"
        raise NotAllowed(f"Only {who} of this organization can do this; your role is {held.value}.", "role-too-low")
    return held


def _reaches(scope: Scope, org_id: UUID) -> bool:
    return scope.all_orgs or scope.org_id == org_id
