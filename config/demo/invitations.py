"""Building the demo's invitations: one in each state."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.conf import settings

from accounts.models import User
from config.demo.names import draw_names, make_email
from config.demo.world import OrgPlan
from tenants.models import Invitation, InvitationState, MemberState, Organization, OrgMember, Role

# Open, run out (it stays `pending`; its expiry says so), and withdrawn.
SENT = (
    (InvitationState.PENDING, timedelta(days=1)),
    (InvitationState.PENDING, timedelta(days=19)),
    (InvitationState.REVOKED, timedelta(days=15)),
)


def make_invitations(random: Random, org: Organization, plan: OrgPlan, inviter: User, now: datetime) -> None:
    """Invitations of one organization, all sent by one person."""
    rows = [*_unaccepted(random, plan, now), *_accepted(org)]
    for row in rows:
        row.org, row.invited_by = org, inviter
    Invitation.objects.bulk_create(rows)


def _unaccepted(random: Random, plan: OrgPlan, now: datetime) -> Iterator[Invitation]:
    for name, (state, age) in zip(draw_names(random, len(SENT)), SENT, strict=True):
        yield _sent(make_email(name, f"guest.{plan.domain}"), state, now - age)


def _accepted(org: Organization) -> Iterator[Invitation]:
    """The newest member came by one."""
    members = OrgMember.objects.filter(org=org, state=MemberState.ACTIVE, role=Role.MEMBER).select_related("user")
    newest = members.order_by("joined_at").last()
    if newest and newest.joined_at:
        row = _sent(newest.user.email, InvitationState.ACCEPTED, newest.joined_at - timedelta(days=2))
        row.accepted_by_id, row.accepted_at = newest.user_id, newest.joined_at
        yield row


def _sent(email: str, state: str, sent_at: datetime) -> Invitation:
    return Invitation(
        email=email,
        state=state,
        # Nobody has the token: a link that everybody could compute would let everybody in.
        token_hash=hashlib.sha256(secrets.token_bytes(32)).hexdigest(),
        sent_at=sent_at,
        created_at=sent_at,
        expires_at=sent_at + timedelta(days=settings.TENANTRY_INVITATION_DAYS),
    )
