"""Signing up: an account, a mail, and no answer that tells whether an address was known."""

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import InvalidInput, TooManyAttempts
from accounts.mail import finish_deliveries
from accounts.models import User, UserProfile
from accounts.password import confirm_reset
from accounts.sign_up import resend_verification, sign_up, verify_email
from accounts.throttle import MAIL_ACCOUNT, MAIL_ADDRESS
from accounts.tokens.sign_in import sign_in
from accounts.visitors import Visitor
from tenants.errors import Conflict
from tenants.invitations import invite, revoke_invitation
from tenants.models import Organization, OrgMember
from tests.accounts.letters import read_token, sent_to
from tests.factories import PASSWORD, make_org, make_person, org_of, owner_of
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)
HERE = Visitor(ip="192.0.2.1", request_id="request-1")
NEW = "new@example.org"


def join(email=NEW, password=PASSWORD, **more):
    sign_up(email, password, visitor=HERE, **more)
    finish_deliveries()


def test_signing_up_makes_a_person_with_an_organization_who_can_sign_in_at_once():
    join(full_name="Ada Ada")
    person = User.objects.get(email=NEW)
    assert org_of(person)
    assert UserProfile.objects.get(user=person).full_name == "Ada Ada"
    assert sign_in(NEW, PASSWORD, visitor=HERE)
    assert [m.subject for m in sent_to(NEW)] == ["Confirm your e-mail address"]


def test_the_mail_has_a_plain_and_an_html_part_with_the_same_link():
    join()
    (letter,) = sent_to(NEW)
    html, kind = letter.alternatives[0]
    assert kind == "text/html"
    assert read_token(letter.body) == read_token(html)


def test_the_link_proves_the_address_once(settings):
    settings.TENANTRY_EMAIL_VERIFICATION = "mandatory"
    join()
    token = read_token(sent_to(NEW)[0].body)
    verify_email(token, visitor=HERE)
    assert User.objects.get(email=NEW).email_verified_at
    assert sign_in(NEW, PASSWORD, visitor=HERE)
    with pytest.raises(InvalidInput):
        verify_email(token, visitor=HERE)


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "a:b:c", "x" * 10_000])
def test_a_link_that_is_none_of_ours_is_refused(token):
    with pytest.raises(InvalidInput):
        verify_email(token, visitor=HERE)


def test_a_link_is_good_for_its_own_purpose_only():
    join()
    token = read_token(sent_to(NEW)[0].body)
    with pytest.raises(InvalidInput):
        confirm_reset(token, "another horse battery staple", visitor=HERE)


def test_a_known_address_is_answered_alike_and_its_owner_hears_of_it():
    person = make_person()
    before = (User.objects.count(), Organization.objects.count())
    join(person.email.upper(), "some other battery staple")
    assert (User.objects.count(), Organization.objects.count()) == before
    assert [m.subject for m in sent_to(person.email)] == ["You already have an account"]
    assert sign_in(person.email, PASSWORD, visitor=HERE)
    token = read_token(sent_to(person.email)[0].body)
    confirm_reset(token, "another horse battery staple", visitor=HERE)


def test_a_known_and_a_new_address_cost_the_same_statements():
    person = make_person()

    def count(email):
        with CaptureQueriesContext(connection) as seen:
            sign_up(email, PASSWORD, visitor=HERE)
        return sum(query["sql"].lower().startswith(("insert", "update")) for query in seen)

    assert count(person.email) == count(NEW)


def test_of_two_who_sign_up_at_once_both_are_answered_alike():
    answers = run_at_once([lambda: sign_up(NEW, PASSWORD, visitor=HERE)] * 8)
    assert answers == [None] * 8
    assert User.objects.filter(email_lower=NEW).count() == 1


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("no address", PASSWORD, "email"),
        ("", PASSWORD, "email"),
        ("a\0@example.org", PASSWORD, "email"),
        ("\ud800@example.org", PASSWORD, "email"),
        ("a" * 300 + "@example.org", PASSWORD, "email"),
        (NEW, "short", "password"),
        (NEW, "12345678901", "password"),
        (NEW, NEW, "password"),
        (NEW, PASSWORD + "\ud800", "password"),
        (NEW, PASSWORD * 1000, "password"),
    ],
)
def test_what_cannot_be_used_is_named(email, password, field):
    with pytest.raises(InvalidInput) as caught:
        join(email, password)
    assert set(caught.value.errors) == {field}


def test_an_invited_person_joins_that_organization_and_no_other():
    org = make_org()
    _, token = invite(org, "Guest@example.org", role="admin", actor=owner_of(org))
    join("guest@EXAMPLE.org", invitation=token)
    person = User.objects.get(email_lower="guest@example.org")
    assert [(m.org_id, m.role) for m in OrgMember.objects.filter(user=person)] == [(org.pk, "admin")]


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_an_invitation_that_does_not_fit_is_refused_alike_for_known_and_unknown_addresses(known):
    org = make_org()
    person = make_person(email=NEW) if known else None
    _, foreign = invite(org, "other@example.org", role="member", actor=owner_of(org))
    withdrawn, dead = invite(org, NEW, role="member", actor=owner_of(org))
    revoke_invitation(withdrawn, actor=owner_of(org))
    sentences = set()
    for token in (foreign, dead, "x", "\0", "\ud800"):
        with pytest.raises(Conflict) as caught:
            join(invitation=token)
        sentences.add(caught.value.sentence)
    assert len(sentences) == 1
    assert User.objects.filter(email_lower=NEW).exists() == bool(person)


def test_a_known_person_does_not_join_by_signing_up_again():
    """Whoever sent the invitation has seen its link: it proves nothing about the address."""
    org, person = make_org(), make_person()
    _, token = invite(org, person.email, role="member", actor=owner_of(org))
    join(person.email, invitation=token)
    assert not OrgMember.objects.filter(user=person, org=org).exists()


def test_sending_the_link_again_says_nothing_and_stops_in_silence():
    join()
    proven = make_person()
    User.objects.filter(pk=proven.pk).update(email_verified_at=proven.created_at)
    for email in ("nobody@example.org", proven.email, "no address", "\0"):
        resend_verification(email, visitor=HERE)
    for _ in range(MAIL_ACCOUNT.allowed + 3):
        resend_verification(NEW, visitor=HERE)
    finish_deliveries()
    assert len(sent_to(NEW)) == MAIL_ACCOUNT.allowed
    assert len(mail.outbox) == MAIL_ACCOUNT.allowed


def test_one_address_cannot_ask_for_many_mails():
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into private.attempts values (%s, %s, now() + interval '1 minute')",
            [MAIL_ADDRESS.bucket(HERE.ip), MAIL_ADDRESS.allowed],
        )
    with pytest.raises(TooManyAttempts):
        join()


def test_a_mail_that_cannot_be_sent_is_no_error_of_the_request_and_betrays_nothing(settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    join()
    assert User.objects.filter(email=NEW).exists()
    assert "could not be sent" in caplog.text
    assert NEW not in caplog.text
    assert "token=" not in caplog.text
