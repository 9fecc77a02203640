"""Signing in for tokens: one answer for every failure, and throttles that shut out no owner."""

from contextlib import suppress

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.utils import timezone

from accounts.errors import TooManyAttempts, Unauthenticated
from accounts.models import User
from accounts.throttle import SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS, network_of
from accounts.tokens.sign_in import sign_in
from accounts.visitors import Visitor
from audit.models import AuditLog
from tests.accounts.tokens.people import HERE, enter
from tests.factories import PASSWORD, make_person
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)
THERE = Visitor(ip="198.51.100.7")


def fail(email, password="wrong", visitor=HERE):
    with pytest.raises(Unauthenticated) as caught:
        sign_in(email, password, visitor=visitor)
    return caught.value


def test_every_failure_has_the_same_words(settings):
    known, disabled, unusable = make_person(), make_person(is_active=False), make_person()
    User.objects.filter(pk=unusable.pk).update(password="!")
    answers = {
        fail(email, password).sentence
        for email, password in [
            (known.email, "wrong"),
            (known.email, ""),
            ("nobody@example.org", PASSWORD),
            (disabled.email, PASSWORD),
            (unusable.email, "!"),
            ("no address", PASSWORD),
            ("nul\0@example.org", PASSWORD),
            ("\ud800@example.org", PASSWORD),
            (known.email, "\ud800"),
            (known.email, "a\0b"),
            (known.email, PASSWORD * 1000),
        ]
    }
    settings.TENANTRY_EMAIL_VERIFICATION = "mandatory"
    answers.add(fail(known.email, PASSWORD).sentence)
    assert len(answers) == 1


def test_a_failure_costs_a_hash_whether_or_not_there_is_such_a_person(monkeypatch):
    known, unusable = make_person(), make_person()
    User.objects.filter(pk=unusable.pk).update(password="!")
    counted = []
    encode = MD5PasswordHasher.encode

    def count(*args):
        counted.append(args)
        return encode(*args)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    costs = []
    for email in (known.email, "nobody@example.org", unusable.email, "no address"):
        counted.clear()
        fail(email)
        costs.append(len(counted))
    assert len(set(costs)) == 1
    assert costs[0] > 0


def test_a_failure_is_logged_without_what_was_typed():
    person = make_person()
    before = timezone.now()
    fail(person.email, "my secret guess")
    fail("stranger-secret@example.org")
    rows = [str(vars(row)) for row in AuditLog.objects.filter(action="sign_in.failed", created_at__gt=before)]
    assert len(rows) == 2
    assert not any("secret" in row for row in rows)


def test_an_unproven_address_waits_where_proof_is_mandatory(settings):
    settings.TENANTRY_EMAIL_VERIFICATION = "mandatory"
    person = make_person()
    fail(person.email, PASSWORD)
    User.objects.filter(pk=person.pk).update(email_verified_at=timezone.now())
    assert enter(person)


def test_too_many_attempts_on_one_account_wait_and_known_and_unknown_alike():
    person = make_person()
    for email in (person.email, "nobody@example.org"):
        for _ in range(SIGN_IN_ACCOUNT.allowed):
            fail(email)
        with pytest.raises(TooManyAttempts) as caught:
            sign_in(email, PASSWORD, visitor=HERE)
        assert 0 < caught.value.retry_after <= SIGN_IN_ACCOUNT.seconds


def test_attempts_of_strangers_do_not_shut_the_owner_out():
    person = make_person()
    enter(person)
    for _ in range(SIGN_IN_ACCOUNT.allowed):
        fail(person.email, visitor=THERE)
    with pytest.raises(TooManyAttempts):
        sign_in(person.email, PASSWORD, visitor=THERE)
    assert enter(person)


def test_a_window_that_is_over_counts_anew():
    person = make_person()
    for _ in range(SIGN_IN_ACCOUNT.allowed + 1):
        with suppress(Unauthenticated, TooManyAttempts):
            sign_in(person.email, "wrong", visitor=HERE)
    with connection.cursor() as cursor:
        cursor.execute("update private.attempts set ends_at = now() - interval '1 second'")
    assert enter(person)


def test_a_right_password_gives_the_attempts_back():
    person = make_person()
    for _ in range(3):
        for _ in range(SIGN_IN_ACCOUNT.allowed - 1):
            fail(person.email)
        enter(person)


def test_one_address_cannot_try_many_accounts():
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into private.attempts values (%s, %s, now() + interval '1 minute')",
            [SIGN_IN_ADDRESS.bucket(HERE.ip), SIGN_IN_ADDRESS.allowed],
        )
    with pytest.raises(TooManyAttempts):
        enter(make_person())
    assert enter(make_person(), THERE)


def test_attempts_at_once_are_all_counted():
    person = make_person()
    answers = run_at_once([lambda: sign_in(person.email, "wrong", visitor=HERE)] * (SIGN_IN_ACCOUNT.allowed + 10))
    assert sum(isinstance(a, Unauthenticated) for a in answers) == SIGN_IN_ACCOUNT.allowed
    assert sum(isinstance(a, TooManyAttempts) for a in answers) == 10


def test_the_counts_name_nobody():
    person = make_person()
    fail(person.email)
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(t::text, '') from private.attempts t")
        found = cursor.fetchone()[0]
    assert person.email not in found
    assert HERE.ip not in found


def test_a_password_hashed_the_old_way_is_hashed_anew_and_ends_no_session(settings):
    person = make_person()
    first = enter(person)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    second = enter(person)
    person.refresh_from_db()
    assert person.password.startswith("pbkdf2_sha256$")
    assert first.session_id != second.session_id
    assert enter(person)


def test_what_is_no_address_fills_nobodys_count():
    for _ in range(SIGN_IN_ACCOUNT.allowed + 1):
        with suppress(TooManyAttempts):
            fail("no address")
    fail("also no address", visitor=THERE)


def test_a_network_of_ipv6_addresses_is_one_address():
    ips = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:DB8:1:2:0::"]
    assert len({network_of(Visitor(ip=ip)) for ip in ips}) == 1
    assert network_of(Visitor(ip="2001:db8:1:3::1")) != network_of(Visitor(ip=ips[0]))
    assert network_of(Visitor(ip="::ffff:192.0.2.1")) == network_of(HERE) == "192.0.2.1"
    assert network_of(Visitor()) == ""
