"""The second factor: each code once, secrets sealed, and taken away only by who may."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.errors import InvalidInput, TooManyAttempts
from accounts.models import Authenticator, RecoveryCode, User, UserSession
from accounts.second_factor import (
    begin_set_up,
    finish_set_up,
    has_second_factor,
    prove_code,
    remove_second_factor,
    renew_recovery_codes,
)
from audit.models import AuditLog
from tenants.errors import NotAllowed
from tenants.scope import staff_scope
from tests.accounts.authenticators import HERE, code_of, give_authenticator
from tests.factories import make_member, make_staff, make_superuser
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db):
    return make_staff(email="ada@example.org")


def proves(person, code) -> bool:
    return prove_code(person, code, visitor=HERE)


def test_a_code_proves_once(person) -> None:
    secret, _ = give_authenticator(person)
    code = code_of(secret)
    assert proves(person, code)
    assert not proves(person, code)
    assert proves(person, code_of(secret, later=1))


def test_a_code_of_before_the_last_one_does_not_prove(person) -> None:
    secret, _ = give_authenticator(person)
    assert proves(person, code_of(secret))
    assert not proves(person, code_of(secret, later=-1))


def test_a_code_may_be_typed_with_spaces(person) -> None:
    secret, _ = give_authenticator(person)
    code = code_of(secret)
    assert proves(person, f" {code[:3]} {code[3:]} ")


@pytest.mark.parametrize("typed", ["", "000", "\0" * 6, "١٢٣٤٥٦", "x" * 10_000, "\ud800"])
def test_what_is_no_code_proves_nothing(person, typed) -> None:
    give_authenticator(person)
    assert not proves(person, typed)


def test_without_an_authenticator_nothing_proves(person) -> None:
    secret = begin_set_up(person)
    assert not proves(person, code_of(secret))
    assert not has_second_factor(person)


def test_a_set_up_that_goes_on_keeps_its_secret(person) -> None:
    assert begin_set_up(person) == begin_set_up(person)


def test_a_wrong_code_ends_no_set_up(person) -> None:
    secret = begin_set_up(person)
    with pytest.raises(InvalidInput):
        finish_set_up(person, code_of(secret, later=9), visitor=HERE)
    assert not has_second_factor(person)


def test_an_authenticator_in_use_shows_its_secret_to_nobody(person) -> None:
    give_authenticator(person)
    with pytest.raises(NotAllowed):
        begin_set_up(person)


def test_a_recovery_code_proves_once_however_it_is_typed(person) -> None:
    _, codes = give_authenticator(person)
    assert len(set(codes)) == 10
    assert proves(person, codes[0].upper().replace("-", " "))
    assert not proves(person, codes[0])
    assert proves(person, codes[1])


def test_new_recovery_codes_end_the_old_ones(person) -> None:
    _, old = give_authenticator(person)
    new = renew_recovery_codes(person)
    assert not proves(person, old[0])
    assert proves(person, new[0])


def test_a_recovery_code_is_its_owners_alone(person) -> None:
    _, codes = give_authenticator(person)
    other = make_staff()
    give_authenticator(other)
    assert not proves(other, codes[0])


def test_too_many_codes_have_to_wait_the_right_one_as_well(person) -> None:
    secret, _ = give_authenticator(person)
    for _ in range(10):
        assert not proves(person, "000000")
    with pytest.raises(TooManyAttempts):
        proves(person, code_of(secret))


def test_neither_secret_nor_recovery_code_can_be_read_in_the_database(person) -> None:
    secret, codes = give_authenticator(person)
    with connection.cursor() as cursor:
        for table in ("user_authenticators", "user_recovery_codes", "audit_logs"):
            cursor.execute(f"select string_agg(t::text, ' ') from {table} t")
            held = cursor.fetchone()[0]
            assert secret not in held
            assert not any(code in held or code.replace("-", "") in held for code in codes)


def test_a_secret_of_another_person_is_not_opened(person) -> None:
    secret, _ = give_authenticator(person)
    other = make_staff()
    sealed = Authenticator.objects.get(user=person).sealed_secret
    give_authenticator(other)
    Authenticator.objects.filter(user=other).update(sealed_secret=sealed)
    assert not proves(other, code_of(secret))


def test_a_new_secret_key_opens_what_an_earlier_one_sealed(person, settings) -> None:
    secret, _ = give_authenticator(person)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-secret-of-fifty-letters-or-so"
    assert proves(person, code_of(secret))
    settings.SECRET_KEY_FALLBACKS = []
    assert not proves(person, code_of(secret, later=1))


def test_people_remove_their_own_authenticator(person) -> None:
    give_authenticator(person)
    remove_second_factor(person, actor=person)
    assert not has_second_factor(person)
    assert not RecoveryCode.objects.filter(user=person).exists()


@pytest.mark.parametrize("superuser", [True, False])
def test_anothers_authenticator_is_removed_by_superusers_only(person, org, superuser) -> None:
    give_authenticator(person)
    actor = make_superuser() if superuser else make_member(org, "owner", user=make_staff()).user
    with transaction.atomic(), staff_scope(actor.pk, org.pk):
        if superuser:
            remove_second_factor(person, actor=actor, reason="phone lost")
        else:
            with pytest.raises(NotAllowed):
                remove_second_factor(person, actor=actor)
    assert has_second_factor(person) is not superuser


def test_what_happens_to_a_second_factor_is_in_the_log_without_a_code(person) -> None:
    _, codes = give_authenticator(person)
    proves(person, "000000")
    proves(person, codes[0])
    remove_second_factor(person, actor=person, reason="new phone")
    log = AuditLog.objects.filter(action__startswith="second_factor", record_id=str(person.pk)).order_by("id")
    assert [e.action.split(".")[1] for e in log] == ["set_up", "failed", "recovery_code_used", "removed"]
    assert list(log)[-1].new_data == {"reason": "new phone"}


def test_the_command_lets_in_who_has_lost_everything(person, capsys) -> None:
    give_authenticator(person)
    UserSession.objects.create(
        user=person, method="console", last_used_at="2026-01-01T00:00Z", expires_at="2099-01-01T00:00Z"
    )
    call_command("reset_second_factor", person.email, "--dry-run")
    assert has_second_factor(person)
    call_command("reset_second_factor", person.email.upper(), "--reason", "phone lost")
    assert not has_second_factor(person)
    assert UserSession.objects.get(user=person).ended_at
    assert AuditLog.objects.get(action="second_factor.removed").actor == "system:remove second factor"
    with pytest.raises(CommandError, match="no authenticator"):
        call_command("reset_second_factor", person.email)
    with pytest.raises(CommandError, match="nobody"):
        call_command("reset_second_factor", "nobody@example.org")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_two_at_once_with_one_code_one_gets_in(kind) -> None:
    person = make_staff()
    with transaction.atomic():
        secret, codes = give_authenticator(person)
    code = code_of(secret) if kind == "app" else codes[0]

    def prove() -> bool:
        with transaction.atomic():
            return proves(User.objects.get(pk=person.pk), code)

    assert sorted(run_at_once([prove] * 4)) == [False, False, False, True]
