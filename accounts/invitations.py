"""Invitations with their mail: the link is returned once and sent to the address it is for."""

from dataclasses import dataclass, field

from accounts.links import link_to
from accounts.mail import deliver
from tenants.authority import Actor
from tenants.invitations import invite, resend_invitation
from tenants.models import Invitation, Organization
from tenants.verbs import verb

PAGE = "accept-invitation"


@dataclass(frozen=True)
class Invited:
    """An invitation and what accepts it; neither token nor link can be read again."""

    invitation: Invitation
    token: str = field(repr=False)
    link: str = field(repr=False)


@verb
def invite_by_mail(org: Organization, email: str, *, role: str, actor: Actor) -> Invited:
    """Invite an address and mail it the link."""
    invitation, token = invite(org, email, role=role, actor=actor)
    return _mail_link(invitation, token, org)


@verb
def resend_by_mail(invitation: Invitation, *, actor: Actor) -> Invited:
    """Make a new link, mail it, and let the old one die."""
    token = resend_invitation(invitation, actor=actor)
    return _mail_link(invitation, token, invitation.org)


def _mail_link(invitation: Invitation, token: str, org: Organization) -> Invited:
    link = link_to(PAGE, token)
    # One line: the first line of a mail's text is its subject.
    context = {
        "link": link,
        "org": " ".join(org.name.split()),
        "role": invitation.role,
        "expires_at": invitation.expires_at,
    }
    deliver("invitation", invitation.email, **context)
    return Invited(invitation, token, link)
