"""Nobody crosses: requests made up from the description, with another organization's ids wherever an id fits."""

import json
import os
import random

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from config.api_schema import describe_api
from tests.api.world import make_world

pytestmark = pytest.mark.django_db
# make torture makes up ten thousand.
CASES = 10_000 if os.environ.get("TENANTRY_TORTURE") else 150
SEED = int(os.environ.get("TENANTRY_SEED", "5"))
# Ended by themselves: what follows would be nobody's.
ENDING = ("profile_destroy", "auth_logout", "auth_sessions_destroy", "organizations_destroy", "organizations_leave")
API = schemathesis.openapi.from_dict(describe_api()).exclude(operation_id=list(ENDING))

# A name that the client gives, and is told again.
OWN = ("query_id",)


@pytest.fixture
def worlds(db):
    return make_world(), make_world()


def ids_of(world):
    return [str(getattr(row, "pk", row)) for row in world.rows.values()]


def with_ids(value, ids, dice):
    """The same body, with foreign ids in some of the places that take one."""
    if isinstance(value, list):
        return [with_ids(inner, ids, dice) for inner in value]
    if isinstance(value, dict):
        return {
            k: dice.choice(ids)
            if k.endswith("_id") and k not in OWN and dice.random() < 0.5
            else with_ids(v, ids, dice)
            for k, v in value.items()
        }
    return value


def send(client, case, ids, dice):
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", dice.choice(ids) if dice.random() < 0.8 else str(value))
    body = with_ids(case.body, ids, dice) if isinstance(case.body, dict | list) else None
    return path, client.send(case.method.upper(), path, json.dumps(body).encode() if body is not None else None)


@seed(SEED)
@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=API.as_strategy(), number=st.integers(0, 2**32))
def test_another_organizations_ids_open_nothing(worlds, case, number):
    ours, theirs = worlds
    ids = ids_of(theirs)
    path, answer = send(ours.clients["owner"], case, ids, random.Random(number))
    assert answer.status_code < 500, answer.content
    said = answer.content.decode()
    assert str(theirs.org.pk) not in said
    if any(one in path for one in ids):
        assert answer.status_code >= 400, (path, answer.content)


@pytest.mark.parametrize("actor", ["stranger", "removed", "outsider"])
def test_no_filter_shows_what_is_another_organizations(worlds, actor):
    ours, _ = worlds
    client = ours.clients[actor]
    rows = ours.rows
    for address, query in (
        ("customers", "name=Ada"),
        ("revenue", f"customer_id={rows['customers'].pk}"),
        ("activities", f"customer_id={rows['customers'].pk}"),
        ("stores", f"workspace_id={rows['workspaces'].pk}"),
        ("dso-access", f"dso_id={rows['dsos'].pk}"),
        ("members", f"user_id={ours.people['owner'].pk}"),
        ("audit-logs", f"record_id={rows['customers'].pk}"),
        ("members", f"search={ours.people['owner'].email}"),
    ):
        answer = client.get(f"/api/{address}/?{query}")
        assert answer.status_code == 403 or answer.json()["results"] == [], (address, answer.content)


def test_nothing_was_changed_by_who_tried(worlds):
    ours, theirs = worlds
    for name in ("customers", "stores", "dsos", "doctors", "revenue", "workspaces", "api-keys"):
        row = ours.rows[name]
        for method, body in (("PATCH", {"name": "taken"}), ("DELETE", None)):
            answer = theirs.clients["owner"].send(method, f"/api/{name}/{row.pk}/", body)
            assert answer.status_code == 404
        row.refresh_from_db()
        assert getattr(row, "name", "") != "taken"
        assert getattr(row, "deleted_at", None) is None
