"""Whom the database believes: trusted logins' plain claims, and keys that are rotated."""

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from audit.claims import sign_ticket, store_claims_key
from tenants.scope import api_scope
from tests.factories import make_superuser

pytestmark = pytest.mark.django_db


def claims_of(plain: str) -> Any:
    """What the database makes of claims that somebody wrote into the setting."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('request.jwt.claims', %s, true)", [plain])
        cursor.execute("select auth_claims()::text")
        value = cursor.fetchone()[0]
        cursor.execute("select set_config('request.jwt.claims', '', true)")
    return json.loads(value) if value else None


@pytest.fixture
def trusted(db: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("insert into private.trusted_logins (login) values (session_user)")


def test_plain_claims_of_a_login_that_is_not_listed_are_nobody(org, owner):
    assert claims_of(json.dumps({"sub": str(owner.pk), "org_id": str(org.pk)})) is None


def test_plain_claims_of_a_trusted_login_count(trusted, org, owner):
    claims = claims_of(json.dumps({"sub": str(owner.pk), "org_id": str(org.pk), "user_role": "owner"}))
    assert claims == {"sub": str(owner.pk), "org_id": str(org.pk), "user_role": "owner", "surface": "api"}


def test_the_organization_may_stand_in_app_metadata(trusted, org):
    assert claims_of(json.dumps({"app_metadata": {"org_id": str(org.pk)}}))["org_id"] == str(org.pk)


@pytest.mark.parametrize("plain", ["[1]", '"owner"', "1", "null", "true", "{", "", "{]", "\x01", "[" * 50000])
def test_what_is_no_object_is_nobody_even_from_a_trusted_login(plain, trusted):
    assert claims_of(plain) is None


@pytest.mark.parametrize("surface", ["console", "service"])
def test_a_trusted_login_is_never_console_or_service(surface, trusted):
    claims = claims_of(json.dumps({"surface": surface, "all_orgs": True, "reason": "x"}))
    assert claims["surface"] == "api"


@pytest.mark.parametrize("broken", ["not a uuid", "", 5, None, {"a": 1}, "'; select 1"])
def test_a_malformed_organization_is_no_organization(broken, trusted):
    with connection.cursor() as cursor:
        claims = json.dumps({"org_id": broken, "sub": broken})
        cursor.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        cursor.execute("select auth_org_id(), auth_user_id(), auth_org_low()")
        assert cursor.fetchone() == (None, None, None)
        cursor.execute("select set_config('request.jwt.claims', '', true)")


def rotate(key: str) -> bool:
    with connection.cursor() as cursor:
        return store_claims_key(cursor, key)


def enter(ticket: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select private.enter_scope(%s), set_config('request.jwt.claims', '', true)", [ticket])


def ticket_by(key: str, settings: Any) -> str:
    before, settings.TENANTRY_CLAIMS_KEY = settings.TENANTRY_CLAIMS_KEY, key
    try:
        return sign_ticket({"surface": "service", "reason": "test"})
    finally:
        settings.TENANTRY_CLAIMS_KEY = before


def test_tickets_of_the_key_before_still_enter_and_those_of_the_one_before_that_do_not(settings):
    first = settings.TENANTRY_CLAIMS_KEY
    assert rotate("second key")
    enter(ticket_by(first, settings))
    enter(ticket_by("second key", settings))
    assert rotate("third key")
    enter(ticket_by("second key", settings))
    enter(ticket_by("third key", settings))
    with pytest.raises(DatabaseError, match="not signed with a key of this database"):
        enter(ticket_by(first, settings))


def test_a_key_that_stands_is_not_stored_again(settings):
    assert not rotate(settings.TENANTRY_CLAIMS_KEY)


def test_going_back_to_the_key_before_makes_it_the_signing_one(settings):
    """Otherwise the next rotation would throw out the key that is in use."""
    first = settings.TENANTRY_CLAIMS_KEY
    rotate("second key")
    rotate(first)
    rotate("third key")
    enter(ticket_by(first, settings))


def test_keys_longer_than_a_block_are_hashed_as_hmac_says(settings, org, owner):
    settings.TENANTRY_CLAIMS_KEY = "k" * 100
    rotate(settings.TENANTRY_CLAIMS_KEY)
    with api_scope(owner.pk, org.pk) as scope:
        assert scope.role == "owner"


def test_no_key_is_kept_in_the_clear(settings):
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(k::text, ' ') from private.claims_keys k")
        kept = cursor.fetchone()[0]
    assert settings.TENANTRY_CLAIMS_KEY not in kept
    assert settings.TENANTRY_CLAIMS_KEY.encode().hex() not in kept


def test_superusers_of_the_console_are_not_believed_plainly(trusted):
    person = make_superuser()
    claims = claims_of(json.dumps({"sub": str(person.pk), "all_orgs": True, "surface": "console"}))
    assert claims["surface"] == "api"
