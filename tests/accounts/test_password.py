"""Passwords: set anew by mail, changed by who knows the old one; both end what others hold."""

from functools import partial

import pytest
from django.core import mail

from accounts.errors import InvalidInput, TooManyAttempts, Unauthenticated
from accounts.mail import finish_deliveries
from accounts.models import User
from accounts.password import change_password, confirm_reset, request_reset
from accounts.sign_up import resend_verification, sign_up
from accounts.throttle import MAIL_ACCOUNT, SIGN_IN_ACCOUNT
from accounts.tokens.sign_in import sign_in
from accounts.visitors import Visitor
from audit.models import AuditLog
from tenants.scope import ScopeRefused, current_scope, request_scope
from tests.accounts.letters import read_token, sent_to
from tests.accounts.tokens.people import HERE, enter, scope_of
from tests.factories import PASSWORD, make_person, make_superuser
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = "another horse battery staple"
THERE = Visitor(ip="198.51.100.7")


def ask(person):
    request_reset(person.email, visitor=HERE)
    finish_deliveries()
    return read_token(sent_to(person.email)[-1].body)


def change(person, old=PASSWORD, new=OTHER, keep=None):
    change_password(person, old, new, session_id=keep, visitor=HERE)


def test_a_reset_sets_the_password_proves_the_address_and_ends_every_session():
    person = make_person()
    pair = enter(person)
    confirm_reset(ask(person), OTHER, visitor=HERE)
    with pytest.raises(ScopeRefused):
        scope_of(pair.access)
    with pytest.raises(Unauthenticated):
        enter(person)
    assert sign_in(person.email, OTHER, visitor=HERE)
    assert User.objects.get(pk=person.pk).email_verified_at
    finish_deliveries()
    assert sent_to(person.email)[-1].subject == "Your password was changed"


def test_a_reset_link_works_once_even_when_used_by_many_at_once():
    person = make_person()
    token = ask(person)
    answers = run_at_once([partial(confirm_reset, token, f"{OTHER} {n}", visitor=HERE) for n in range(8)])
    assert answers.count(None) == 1
    assert sum(isinstance(a, InvalidInput) for a in answers) == 7


def test_a_reset_link_dies_with_a_changed_password():
    person = make_person()
    token = ask(person)
    change(person)
    with pytest.raises(InvalidInput):
        confirm_reset(token, OTHER + "!", visitor=HERE)


def test_asking_for_a_reset_says_nothing():
    disabled = make_person(is_active=False)
    for email in ("nobody@example.org", disabled.email, "no address", "\0@x.y", "\ud800"):
        request_reset(email, visitor=HERE)
    finish_deliveries()
    assert mail.outbox == []


def test_a_weak_password_leaves_the_link_alive():
    person = make_person()
    token = ask(person)
    with pytest.raises(InvalidInput) as caught:
        confirm_reset(token, "short", visitor=HERE)
    assert set(caught.value.errors) == {"password"}
    confirm_reset(token, OTHER, visitor=HERE)


def test_a_reset_lets_an_owner_in_whom_strangers_shut_out():
    person = make_person()
    for _ in range(SIGN_IN_ACCOUNT.allowed):
        with pytest.raises(Unauthenticated):
            sign_in(person.email, "wrong", visitor=THERE)
    with pytest.raises(TooManyAttempts):
        enter(person)
    confirm_reset(ask(person), OTHER, visitor=HERE)
    assert sign_in(person.email, OTHER, visitor=HERE)


def test_strangers_cannot_use_up_the_mails_that_let_an_owner_in():
    person = make_person()
    for _ in range(MAIL_ACCOUNT.allowed + 1):
        resend_verification(person.email, visitor=THERE)
        sign_up(person.email, OTHER, visitor=THERE)
    confirm_reset(ask(person), OTHER, visitor=HERE)
    assert sign_in(person.email, OTHER, visitor=HERE)


def test_a_change_ends_the_other_sessions_and_keeps_ones_own():
    person = make_person()
    mine, other = enter(person), enter(person)
    change(person, keep=mine.session_id)
    assert scope_of(mine.access)
    with pytest.raises(ScopeRefused):
        scope_of(other.access)
    assert sign_in(person.email, OTHER, visitor=HERE)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong", OTHER, "old_password"), ("\ud800", OTHER, "old_password"), (PASSWORD, "short", "new_password")],
)
def test_a_change_that_cannot_be_made_names_the_field_and_changes_nothing(old, new, field):
    person = make_person()
    with pytest.raises(InvalidInput) as caught:
        change(person, old, new)
    assert set(caught.value.errors) == {field}
    assert enter(person)


def test_guessing_the_old_password_is_throttled():
    person = make_person()
    for _ in range(SIGN_IN_ACCOUNT.allowed):
        with pytest.raises(InvalidInput):
            change(person, "wrong")
    with pytest.raises(TooManyAttempts):
        change(person)


def test_an_operator_who_sets_a_password_in_the_console_is_named_for_what_ends():
    person, operator = make_person(), make_superuser()
    pair = enter(person)
    with request_scope("console", sub=operator.pk, all_orgs=True) as scope:
        person.set_password(OTHER)
        person.save()
        assert scope == current_scope()
    ended = AuditLog.objects.get(action="sessions.ended", record_id=str(person.pk))
    assert ended.user_id == operator.pk
    with pytest.raises(ScopeRefused):
        scope_of(pair.access)


def test_passwords_and_links_are_not_in_the_log():
    person = make_person()
    token = ask(person)
    confirm_reset(token, OTHER, visitor=HERE)
    person.refresh_from_db()
    rows = str([vars(row) for row in AuditLog.objects.filter(record_id=str(person.pk))])
    assert [secret for secret in (token, OTHER, PASSWORD, person.password) if secret in rows] == []
