"""A creating request that comes twice creates once."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tenants.models import ApiKey, Customer
from tests.api.clients import client_for, key_client, token_for
from tests.api.routes import actions_of
from tests.api.test_matrix import MATRIX, ROUTES, address_of, body_for, prepare
from tests.api.world import ACTORS, make_world
from tests.factories import make_member, make_org, owner_of
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db
OWNER = ACTORS.index("owner")
# Where an owner makes something, as the matrix has it.
CREATING = [name for name, row in MATRIX.items() if row.get("POST", "").split()[OWNER:][:1] == ["201"]]


def takes_the_header(name: str) -> bool:
    route: Any = ROUTES[name]
    return getattr(getattr(route.callback.cls, actions_of(route)["post"]), "idempotent", False)


def test_whatever_creates_takes_the_header():
    assert [name for name in CREATING if not takes_the_header(name)] == []


@pytest.mark.parametrize("name", CREATING)
def test_every_address_that_creates_honours_the_header(name):
    world = make_world()
    prepare(name, "POST", world)
    address, body = address_of(name, world), body_for(name, "POST", world)
    first, second = (world.clients["owner"].post(address, body, Idempotency_Key="k1") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201), first.content
    assert (first.content, second.get("Idempotency-Replayed")) == (second.content, "true")


def test_the_second_is_answered_what_the_first_was(as_owner):
    first, second = (as_owner.post("/api/customers/", {"name": "Ada"}, Idempotency_Key="k1") for _ in range(2))
    assert second.status_code == 201
    assert (second.content, second["Location"], second["ETag"]) == (first.content, first["Location"], first["ETag"])
    assert second["Idempotency-Replayed"] == "true"
    assert Customer.objects.count() == 1


def test_a_secret_that_is_shown_once_is_shown_to_the_repeated_request_and_kept_from_the_database(as_owner):
    first, second = (as_owner.post("/api/api-keys/", {"name": "x"}, Idempotency_Key="k1") for _ in range(2))
    assert first.json()["key"] == second.json()["key"]
    assert ApiKey.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("select r::text from private.idempotent_requests r")
        held = str(cursor.fetchall())
    assert held != "[]"
    assert first.json()["key"] not in held
    assert "'k1'" not in held


def test_another_body_under_the_same_key_is_refused(as_owner):
    as_owner.post("/api/customers/", {"name": "Ada"}, Idempotency_Key="k1")
    for address, body in (("customers", {"name": "Bob"}), ("workspaces", {"name": "Ada"})):
        answer = as_owner.post(f"/api/{address}/", body, Idempotency_Key="k1")
        assert (answer.status_code, answer.json()["type"]) == (422, "idempotency-key-reused")
    assert Customer.objects.count() == 1


def test_a_key_belongs_to_who_sent_it_and_for_which_organization(as_owner, as_admin, as_stranger):
    for client in (as_owner, as_admin, as_stranger):
        answer = client.post("/api/customers/", {"name": "Ada"}, Idempotency_Key="k1")
        assert answer.status_code == 201
        assert "Idempotency-Replayed" not in answer
    assert Customer.objects.count() == 3


def test_what_was_refused_may_be_tried_again(as_owner):
    assert as_owner.post("/api/customers/", {"name": ""}, Idempotency_Key="k1").status_code == 400
    assert as_owner.post("/api/customers/", {"name": "Ada"}, Idempotency_Key="k1").status_code == 201


def test_a_day_later_the_key_is_forgotten(as_owner):
    as_owner.post("/api/customers/", {"name": "Ada"}, Idempotency_Key="k1")
    with connection.cursor() as cursor:
        cursor.execute("update private.idempotent_requests set expires_at = now()")
    assert "Idempotency-Replayed" not in as_owner.post("/api/customers/", {"name": "Ada"}, Idempotency_Key="k1")
    assert Customer.objects.count() == 2


def test_who_may_no_longer_create_is_not_answered_from_before(org):
    member = make_member(org, "admin")
    client = client_for(member.user, org)
    client.post("/api/customers/", {"name": "Ada"}, Idempotency_Key="k1")
    type(member).objects.filter(pk=member.pk).update(role="member")
    assert client.post("/api/customers/", {"name": "Ada"}, Idempotency_Key="k1").status_code == 403


def test_after_a_change_of_the_secret_the_old_one_still_reads_the_answer_and_without_it_nothing_is_done(org, settings):
    # A person's token would end with the secret.
    before, machine = settings.SECRET_KEY, key_client(org)
    machine.post("/api/customers/", {"name": "Ada"}, Idempotency_Key="k1")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret of the server, long enough", [before]
    again = machine.post("/api/customers/", {"name": "Ada"}, Idempotency_Key="k1")
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    settings.SECRET_KEY_FALLBACKS = []
    lost = machine.post("/api/customers/", {"name": "Ada"}, Idempotency_Key="k1")
    assert (lost.status_code, lost.json()["type"]) == (409, "idempotency-answer-lost")
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ä"])
def test_a_key_that_is_none_is_refused(as_owner, key):
    assert as_owner.post("/api/customers/", {"name": "Ada"}, Idempotency_Key=key).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_creates():
    org = make_org()
    bearer = token_for(owner_of(org), org)

    def post():
        headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": "k1"}
        body = '{"name": "Ada"}'
        return Client().post("/api/customers/", body, content_type="application/json", headers=headers).status_code

    statuses = run_at_once([post] * 8)
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert Customer.objects.filter(org=org).count() == 1
