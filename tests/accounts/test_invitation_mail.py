"""Invitations by mail: one link, shown once, sent to the address it is for."""

import pytest
from django.core import mail
from django.db import transaction

from accounts.invitations import invite_by_mail, resend_by_mail
from accounts.mail import finish_deliveries
from tenants.errors import Conflict, NotAllowed
from tenants.invitations import accept_invitation
from tenants.scope import api_scope
from tests.accounts.letters import read_token, sent_to
from tests.factories import make_member, make_org, make_person, owner_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_link_that_is_shown_is_the_link_that_is_mailed():
    org = make_org(name="North & South\nBcc: x@example.org")
    with transaction.atomic(), api_scope(owner_of(org).pk, org.pk):
        invited = invite_by_mail(org, "guest@example.org", role="member", actor=owner_of(org))
    finish_deliveries()
    (letter,) = sent_to("guest@example.org")
    assert letter.subject == "You are invited to North & South Bcc: x@example.org"
    assert read_token(letter.body) == invited.token
    assert invited.link in letter.body
    assert "North &amp; South" in letter.alternatives[0][0]
    assert invited.token not in repr(invited)
    guest = make_person(email="guest@example.org")
    assert accept_invitation(invited.token, actor=guest).org_id == org.pk


def test_sending_again_kills_the_old_link():
    org = make_org()
    first = invite_by_mail(org, "guest@example.org", role="member", actor=owner_of(org))
    second = resend_by_mail(first.invitation, actor=owner_of(org))
    finish_deliveries()
    guest = make_person(email="guest@example.org")
    with pytest.raises(Conflict):
        accept_invitation(first.token, actor=guest)
    assert accept_invitation(second.token, actor=guest)
    assert len(sent_to("guest@example.org")) == 2


def test_an_invitation_that_is_not_made_is_not_mailed():
    org = make_org()
    with pytest.raises(NotAllowed):
        invite_by_mail(org, "guest@example.org", role="member", actor=make_member(org).user)
    with transaction.atomic():
        invite_by_mail(org, "guest@example.org", role="member", actor=owner_of(org))
        transaction.set_rollback(True)
    finish_deliveries()
    assert mail.outbox == []


@pytest.mark.parametrize("token", ["\0", "\ud800", "", "' or 1=1", "x" * 1000])
def test_what_is_no_token_is_as_unknown_as_any_other(token):
    with pytest.raises(Conflict):
        accept_invitation(token, actor=make_person())
