"""Forms of another site, sent by the browser of somebody who is signed in: no address of the console takes one."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.middleware.csrf import get_token
from django.test import RequestFactory
from django.urls import get_resolver
from psycopg import sql

from tenants.models import Organization
from tests.admin.test_pages import make_world
from tests.attack.test_console_addresses import PLACE, Address, actions_of, addresses, forge_body, walk
from tests.clients import WebClient
from tests.databases import HASH, TABLES
from tests.factories import make_org, make_superuser

pytestmark = pytest.mark.django_db
FOREIGN = "https://evil.example"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# Of the page that says so, and of no other refusal.
REFUSED = b"Nothing was written"
WRITTEN = "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_xact_user_tables where relname <> all(%s)"
# That somebody was here is noted whatever they sent, as with any page of theirs.
TOUCHED = ("django_session", "user_sessions")
Sent = dict[str, Any]


@pytest.fixture
def ours() -> Organization:
    org = make_org()
    make_world(org)
    return org


@pytest.fixture
def victim(ours: Organization) -> WebClient:
    """A superuser at work in an organization: nothing but the forgery stands in the way."""
    client = WebClient(enforce_csrf_checks=True)
    client.force_login(make_superuser(console_org=ours))
    client.cookies[settings.CSRF_COOKIE_NAME] = new_token()
    return client


def new_token() -> str:
    """Of a browser of its own."""
    request = RequestFactory().get("/")
    get_token(request)
    return str(request.META["CSRF_COOKIE"])


def own_token(client: WebClient) -> Sent:
    return {"csrfmiddlewaretoken": client.cookies[settings.CSRF_COOKIE_NAME].value}


# What comes with the request: fields of the form, and headers.
FORGERIES: dict[str, Callable[[WebClient], tuple[Sent, Sent]]] = {
    "no token": lambda _: ({}, {}),
    "an empty token": lambda _: ({"csrfmiddlewaretoken": ""}, {}),
    "another session's token": lambda _: ({"csrfmiddlewaretoken": new_token()}, {}),
    "another session's token as a header": lambda _: ({}, {"HTTP_X_CSRFTOKEN": new_token()}),
    "the right token, from a foreign origin": lambda c: (own_token(c), {"HTTP_ORIGIN": FOREIGN}),
    "the right token, from no origin": lambda c: (own_token(c), {"HTTP_ORIGIN": "null"}),
    "the right token, from a page elsewhere": lambda c: (own_token(c), {"HTTP_REFERER": FOREIGN, "secure": True}),
    "the right token, from a page that hides": lambda c: (own_token(c), {"secure": True}),
}


def digest_all() -> dict[str, Any]:
    """Every table of the database as this transaction sees it."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for schema, name in cursor.fetchall():
            if name not in TOUCHED:
                cursor.execute(sql.SQL(HASH).format(sql.Identifier(schema, name)))
                found[f"{schema}.{name}"] = cursor.fetchone()
    return found


def all_addresses(org: Organization) -> list[Address]:
    """Here nobody is signed out, so that these are no exception."""
    return addresses(org, left_out={"app_list", None})


@pytest.mark.parametrize("forgery", FORGERIES)
def test_no_address_takes_a_forged_form(forgery: str, ours: Organization, victim: WebClient) -> None:
    found, before = all_addresses(ours), digest_all()
    for address in found:
        fields, headers = FORGERIES[forgery](victim)
        answer = victim.post(address.path, {**forge_body(address, ours), **fields}, **headers)
        assert answer.status_code == 403, address
        assert REFUSED in answer.content, address
    assert_same(before)


@pytest.mark.parametrize("method", UNSAFE)
def test_no_method_that_may_change_something_goes_without_a_token(
    method: str, ours: Organization, victim: WebClient
) -> None:
    found, before = all_addresses(ours), digest_all()
    for address in found:
        assert victim.generic(method, address.path).status_code == 403, address
    assert_same(before)


def assert_same(before: dict[str, Any]) -> None:
    after = digest_all()
    assert [name for name in before if before[name] != after[name]] == []


def test_the_same_forms_with_their_token_are_taken(ours: Organization, victim: WebClient) -> None:
    """Else the refusals above would prove nothing."""
    changing, kept = set(), deepcopy(victim.cookies)
    for address in all_addresses(ours):
        for action in actions_of(address):
            before, victim.cookies = count_written(), deepcopy(kept)
            with transaction.atomic():
                answer = victim.post(address.path, {**forge_body(address, ours, action), **own_token(victim)})
                transaction.set_rollback(True)
            assert answer.streaming or REFUSED not in answer.content, address
            if count_written() > before:
                changing.add(address.name)
    assert len(changing) > 25, changing


def test_the_consoles_session_is_nobody_to_the_api(ours: Organization, victim: WebClient) -> None:
    """Its writes ask for no token of a form, so no cookie may let anybody in."""
    asked, nobody = 0, WebClient(enforce_csrf_checks=True)
    for route, name in walk(get_resolver()):
        if route.startswith("api/"):
            path = "/" + PLACE.sub(str(ours.pk), route)
            for method in UNSAFE:
                with_session, without = (ask(client, method, path) for client in (victim, nobody))
                assert with_session == without, (method, name)
                assert with_session[0] >= 400, (method, name)
                asked += with_session[0] == 401
    assert asked > 50


def ask(client: WebClient, method: str, path: str) -> tuple[int, bytes]:
    """Everything that an answer says, taken back again."""
    with transaction.atomic():
        answer = client.generic(method, path, "{}", content_type="application/json")
        transaction.set_rollback(True)
    return answer.status_code, answer.content


def count_written() -> int:
    """Rows written so far by the test's transaction, whatever was taken back of them."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN, [list(TOUCHED)])
        return int(cursor.fetchone()[0])
