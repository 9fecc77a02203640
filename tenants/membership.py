"""Members of an organization: added, promoted, shut out, let in again, removed, and made its owner."""

from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Now

from tenants.authority import Actor, Person, authority_of, require_authority, require_role
from tenants.errors import Conflict, NotFound
from tenants.models import MemberState, Organization, OrgMember, Role
from tenants.verbs import verb

CHANGED = "Somebody else changed this member at the same moment; look again, then repeat."


@verb
def add_member(org: Organization, user: Person, *, role: str, actor: Actor) -> OrgMember:
    """Make a person an active member without asking them; `invite` asks."""
    require_authority(actor, org.pk, role)
    return OrgMember.objects.create(
        org=org, user_id=user.pk, role=Role(role), state=MemberState.ACTIVE, joined_at=Now()
    )


@verb
def change_role(member: OrgMember, *, role: str, actor: Actor) -> OrgMember:
    """Promote or demote, never above the actor and never somebody above the actor."""
    stands = _read_member(member)
    require_authority(actor, stands.org_id, stands.role, role)
    if stands.role != role:
        _change(stands, role=Role(role))
    return _read_member(stands)


@verb
def deactivate_member(member: OrgMember, *, actor: Actor) -> OrgMember:
    """Shut an active member out; the role is kept for their return."""
    return _change_state(member, MemberState.ACTIVE, actor, state=MemberState.INACTIVE)


@verb
def reactivate_member(member: OrgMember, *, actor: Actor) -> OrgMember:
    """Let an inactive member in again, with the role they had."""
    joined_at = Coalesce("joined_at", Now())
    return _change_state(member, MemberState.INACTIVE, actor, state=MemberState.ACTIVE, joined_at=joined_at)


@verb
def remove_member(member: OrgMember, *, actor: Actor) -> None:
    """Take a person out, with their places in workspaces; anybody may leave by themselves."""
    stands = _read_member(member)
    if stands.user_id != actor.pk:
        require_authority(actor, stands.org_id, stands.role)
    deleted, _ = _as_read(stands).delete()
    if not deleted:
        raise Conflict(CHANGED)


@verb
def transfer_ownership(org: Organization, *, to: Person, actor: Actor) -> OrgMember:
    """Make an active member the owner in the actor's place; staff hand over the place of every present owner."""
    require_role(authority_of(actor, org.pk), Role.OWNER)
    heir = _member_of(org.pk, to)
    _expect_state(heir, MemberState.ACTIVE)
    leaving = _owners_besides(heir, actor)
    if heir.role != Role.OWNER:
        # First, so that there is an owner at every moment.
        _change(heir, role=Role.OWNER)
    for member in leaving:
        _change(member, role=Role.ADMIN)
    return _read_member(heir)


def _change_state(member: OrgMember, expected: MemberState, actor: Actor, **changes: object) -> OrgMember:
    stands = _read_member(member)
    require_authority(actor, stands.org_id, stands.role)
    _expect_state(stands, expected)
    _change(stands, **changes)
    return _read_member(stands)


def _owners_besides(heir: OrgMember, actor: Actor) -> list[OrgMember]:
    """The actor, if an owner; else every owner. In one order for everybody, so that two transfers do not deadlock."""
    owners = OrgMember.objects.filter(org_id=heir.org_id, role=Role.OWNER, state=MemberState.ACTIVE)
    others = list(owners.exclude(pk=heir.pk).order_by("pk"))
    themselves = [m for m in others if m.user_id == actor.pk]
    return themselves if themselves or heir.user_id == actor.pk else others


def _member_of(org_id: UUID, person: Person) -> OrgMember:
    member = OrgMember.objects.filter(org_id=org_id, user_id=person.pk).first()
    if member is None:
        raise NotFound("This person is not a member of the organization; add or invite them first.")
    return member


def _read_member(member: OrgMember) -> OrgMember:
    """The row as it stands now: what the caller holds may be older."""
    stands = OrgMember.objects.filter(org_id=member.org_id, pk=member.pk).first()
    if stands is None:
        raise NotFound("There is no such member in this organization.")
    return stands


def _as_read(member: OrgMember) -> QuerySet[OrgMember]:
    """The row, if role and state are still those that authority was judged by."""
    return OrgMember.objects.filter(org_id=member.org_id, pk=member.pk, role=member.role, state=member.state)


def _change(member: OrgMember, **changes: object) -> None:
    if not _as_read(member).update(**changes):
        raise Conflict(CHANGED)


def _expect_state(member: OrgMember, state: MemberState) -> None:
    if member.state != state:
        raise Conflict(f"This member is {member.state}, not {state.value}.", "wrong-state")
