"""The end of an account."""

from uuid import UUID

from accounts.models import User
from tenants.authority import Actor
from tenants.errors import Conflict, NotAllowed, NotFound
from tenants.lifecycle import CLOSING
from tenants.models import MemberState, Organization, OrgMember, OrgStatus, Role
from tenants.scope import current_scope
from tenants.verbs import as_service, verb


@verb
def delete_user(user: User, *, actor: Actor) -> None:
    """Delete a person; organizations in which they are alone go into deletion with them, shared ones need an owner."""
    if user.pk != actor.pk and not _commands_people(actor):
        raise NotAllowed("People delete their own accounts; superusers in all organizations delete others.")
    with as_service("delete user", actor):
        for org_id in _lock_owned_orgs(user):
            _leave_org(user, org_id)
        # The database cascades; Django's collector would read tables that this role has no business in.
        people = User.objects.filter(pk=user.pk)
        if not people._raw_delete(people.db):
            raise NotFound("There is no such person.")


def _commands_people(actor: Actor) -> bool:
    """As the policies have it: people belong to all organizations, so it takes a superuser who works in all."""
    scope = current_scope()
    if scope is None or scope.surface == "database":
        return actor.is_superuser
    return actor.is_superuser and scope.surface == "console" and scope.all_orgs and scope.user_id == actor.pk


def _lock_owned_orgs(user: User) -> list[UUID]:
    """The open organizations they own, locked so that nobody joins or leaves between the question and the deed."""
    owned = OrgMember.objects.filter(user=user, role=Role.OWNER, state=MemberState.ACTIVE)
    orgs = Organization.objects.filter(pk__in=owned.values("org_id")).exclude(status=OrgStatus.DELETING)
    return list(orgs.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def _leave_org(user: User, org_id: UUID) -> None:
    others = OrgMember.objects.filter(org_id=org_id, state=MemberState.ACTIVE).exclude(user=user)
    if others.filter(role=Role.OWNER).exists():
        return
    org = Organization.objects.filter(pk=org_id)
    if others.exists():
        raise Conflict(
            f"{org.get()} has other members and no other owner: hand it over or delete it first.",
            "org_members_last_owner",
        )
    org.update(**CLOSING)
