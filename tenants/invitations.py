"""Invitations: sent, sent again, withdrawn and accepted; of the token only a hash is kept."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.validators import validate_email
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Lower, Now
from django.utils import timezone

from tenants.authority import Actor, Person, require_authority
from tenants.errors import SENTENCES, Conflict, NotAllowed, NotFound
from tenants.models import Invitation, InvitationState, MemberState, Organization, OrgMember, OrgStatus, Role
from tenants.verbs import as_service, verb

# The address comes from the person's row, never from the request: it is what the invitation is bound to.
JOIN = "select private.join_invited(u.id, u.email_lower, %s) from users u where u.id = %s"

TOKEN_SHAPE = re.compile(r"[A-Za-z0-9_-]{1,100}")
NOT_ACCEPTABLE = "This invitation cannot be accepted: it is used, withdrawn, expired or for another address."


@verb
def invite(org: Organization, email: str, *, role: str, actor: Actor) -> tuple[Invitation, str]:
    """Ask an address in; returns the token, which is nowhere else, for the mail."""
    validate_email(email)
    _require_inviter(org.pk, role, actor)
    with as_service("invite", actor):
        _refuse_closed(org.pk)
        _refuse_member(org, email)
        _revoke_expired(org, email)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        org=org, email=email, role=Role(role), invited_by_id=actor.pk, **_new_link(token)
    )
    return invitation, token


@verb
def resend_invitation(invitation: Invitation, *, actor: Actor) -> str:
    """A new token for the same invitation, expired or not; the old link is dead, and the actor answers for it."""
    stands = _read_invitation(invitation)
    _require_inviter(stands.org_id, stands.role, actor)
    with as_service("resend invitation", actor):
        _refuse_closed(stands.org_id)
    token = secrets.token_urlsafe(32)
    _change_pending(stands, invited_by_id=actor.pk, **_new_link(token))
    invitation.refresh_from_db()
    return token


@verb
def revoke_invitation(invitation: Invitation, *, actor: Actor) -> None:
    """Withdraw an invitation that nobody has accepted yet."""
    stands = _read_invitation(invitation)
    require_authority(actor, stands.org_id, stands.role)
    _change_pending(stands, state=InvitationState.REVOKED)
    invitation.refresh_from_db()


@verb
def accept_invitation(token: str, *, actor: Person) -> OrgMember:
    """Make the actor a member, as the invitation says; the database decides whether it may be accepted.

    An active member stays what they are. An inactive one is refused: who was shut out comes back by `reactivate_member`
    alone, not by a link that was sent before.
    """
    require_token_shape(token)
    with as_service("accept invitation", actor):
        with connection.cursor() as cursor:
            cursor.execute(JOIN, [token, actor.pk])
            joined = cursor.fetchone()
        if joined is None:
            raise NotFound("There is no such person.")
        return OrgMember.objects.select_related("org").get(org_id=joined[0], user_id=actor.pk)


def require_token_shape(token: str) -> None:
    """What no token of ours looks like (NUL, a lone surrogate) is as unknown as any other."""
    if not TOKEN_SHAPE.fullmatch(token):
        raise Conflict(NOT_ACCEPTABLE, "invitations_acceptable")


def hash_token(token: str) -> str:
    """As `private.join_invited` computes it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _require_inviter(org_id: UUID, role: str, actor: Actor) -> None:
    """A person: who accepts is let in on the inviter's authority, which is asked for again then."""
    if actor.pk is None:
        raise NotAllowed("An API key does not invite; a person answers for it.", "person-needed")
    require_authority(actor, org_id, role)


def _new_link(token: str) -> dict[str, str | datetime]:
    now = timezone.now()
    lasts = timedelta(days=settings.TENANTRY_INVITATION_DAYS)
    return {"token_hash": hash_token(token), "sent_at": now, "expires_at": now + lasts}


def _refuse_closed(org_id: UUID) -> None:
    """A link into an organization that lets nobody in would be mailed for nothing."""
    if not Organization.objects.filter(pk=org_id, status=OrgStatus.ACTIVE).exists():
        raise Conflict("This organization is suspended or being deleted: nobody can be asked in.", "wrong-state")


def _refuse_member(org: Organization, email: str) -> None:
    """Says no more than the list of members does, which whoever may invite sees."""
    member = OrgMember.objects.filter(org=org, user__email_lower=Lower(Value(email))).first()
    if member and member.state == MemberState.INACTIVE:
        raise Conflict("This person is an inactive member; reactivate them instead.", "inactive-member")
    if member and member.state == MemberState.ACTIVE:
        raise Conflict(SENTENCES["org_members_person"], "org_members_person")


def _revoke_expired(org: Organization, email: str) -> None:
    """One that ran out would stand in the way of the next: one address has one open invitation."""
    expired = Invitation.objects.filter(
        org=org, email_lower=Lower(Value(email)), state=InvitationState.PENDING, expires_at__lte=Now()
    )
    expired.update(state=InvitationState.REVOKED)


def _read_invitation(invitation: Invitation) -> Invitation:
    stands = Invitation.objects.filter(org_id=invitation.org_id, pk=invitation.pk).first()
    if stands is None:
        raise NotFound("There is no such invitation in this organization.")
    return stands


def _change_pending(invitation: Invitation, **changes: object) -> None:
    pending = Invitation.objects.filter(org_id=invitation.org_id, pk=invitation.pk, state=InvitationState.PENDING)
    if not pending.update(**changes):
        raise Conflict("This invitation is accepted or withdrawn already.", "wrong-state")
