"""Invitations with their mail: the link is returned once and sent to the address it is for."""

from dataclasses import dataclass, field

from tenants.authority import Actor
from tenants.models import Invitation, Organization


@dataclass(frozen=True)
class Invited:
    """An invitation and what accepts it; neither token nor link can be read again."""

    invitation: Invitation
    token: str = field(repr=False)
    link: str = field(repr=False)


def invite_by_mail(org: Organization, email: str, *, role: str, actor: Actor) -> Invited:
    """Invite an address and mail it the link."""
    raise NotImplementedError


def resend_by_mail(invitation: Invitation, *, actor: Actor) -> Invited:
    """Make a new link, mail it, and let the old one die."""
    raise NotImplementedError
