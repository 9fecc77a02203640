"""Every address, every method, everybody: what each is answered. A new route without its row fails."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse

from accounts.models import User
from config.api import api_routes
from tenants.models import MemberState, Organization, OrgMember, OrgStatus, SyncJob
from tests.api.clients import token_for
from tests.api.routes import actions_of
from tests.api.world import ACTORS, make_world

pytestmark = pytest.mark.django_db

# nobody, outsider, member, admin, owner, stranger, removed, key
LIST = "401 403 200 200 200 200 403 200"
READ = "401 403 200 200 200 404 403 200"
# Members see a DSO when they hold an access row for it.
SEEN = "401 403 404 200 200 404 403 200"
MADE = "401 403 403 201 201 201 403 201"
# What the body refers to is ours: to the stranger there is no such thing.
OURS = "401 403 403 201 201 400 403 201"
CHANGED = "401 403 403 200 200 404 403 200"
GONE = "401 403 403 204 204 404 403 204"
ADMINS_LIST = "401 403 403 200 200 200 403 200"
# By people only, who admins and owners are.
BY_ADMINS = "401 403 403 200 200 404 403 403"
BY_OWNERS = "401 403 403 403 200 404 403 403"
OPEN = "400 400 400 400 400 400 400 400"
MINE = "401 200 200 200 200 200 200 403"

TABLE = {"GET": LIST, "POST": MADE}
ROW = {"GET": READ, "PATCH": CHANGED, "DELETE": GONE}
RESTORED = {"POST": CHANGED}
MATRIX = {
    **{
        f"api-auth-{verb}": {"POST": OPEN}
        for verb in (
            "signup",
            "verify_email",
            "resend_verification",
            "token",
            "refresh",
            "request_reset",
            "confirm_reset",
        )
    },
    "api-auth-logout": {"POST": "401 204 204 204 204 204 204 403"},
    "api-auth-change_password": {"POST": "401 400 400 400 400 400 400 403"},
    "api-auth-validate": {"GET": MINE},
    "api-auth-set-active-org": {"POST": "401 404 200 200 200 404 404 403"},
    "api-sessions": {"GET": MINE},
    "api-sessions-row": {"DELETE": "401 404 204 404 404 404 404 403"},
    "api-organizations": {"GET": MINE, "POST": "401 201 201 201 201 201 201 403"},
    "api-organizations-row": {"GET": READ, "PATCH": CHANGED, "DELETE": "401 403 403 403 204 404 403 403"},
    "api-organizations-restore": {"POST": "401 404 403 403 200 404 404 403"},
    "api-organizations-transfer-ownership": {"POST": BY_OWNERS},
    # The last owner cannot.
    "api-organizations-leave": {"POST": "401 403 204 204 409 404 403 403"},
    "api-members": {"GET": LIST},
    "api-members-row": ROW,
    "api-members-deactivate": {"POST": CHANGED},
    "api-members-reactivate": {"POST": CHANGED},
    "api-invitations": {"GET": ADMINS_LIST, "POST": "401 403 403 201 201 201 403 403"},
    "api-invitations-accept": {"POST": "401 409 409 409 409 409 409 403"},
    "api-invitations-row": {"GET": CHANGED},
    "api-invitations-resend": {"POST": BY_ADMINS},
    "api-invitations-revoke": {"POST": CHANGED},
    "api-workspaces": TABLE,
    "api-workspaces-row": {**ROW, "DELETE": "401 403 403 409 409 404 403 409"},
    "api-workspace-members": {"GET": READ, "POST": "401 403 403 201 201 404 403 201"},
    "api-workspace-members-row": ROW,
    "api-stores": {"GET": LIST, "POST": OURS},
    "api-stores-row": ROW,
    "api-stores-restore": RESTORED,
    "api-dsos": TABLE,
    "api-dsos-row": {**ROW, "GET": SEEN},
    "api-dsos-restore": RESTORED,
    "api-doctors": {"GET": LIST, "POST": OURS},
    "api-doctors-row": {**ROW, "GET": SEEN},
    "api-dso-access": {"GET": LIST, "POST": OURS},
    "api-dso-access-row": {**ROW, "GET": SEEN},
    "api-customers": TABLE,
    "api-customers-row": ROW,
    "api-customers-restore": RESTORED,
    "api-revenue": {"GET": LIST, "POST": OURS},
    "api-revenue-row": ROW,
    "api-activities": {"GET": LIST, "POST": OURS},
    "api-activities-row": ROW,
    "api-ai-usage": {"GET": LIST, "POST": "401 403 201 201 201 201 403 403"},
    "api-ai-usage-row": {"GET": SEEN},
    "api-ai-usage-summary": {"GET": LIST},
    "api-api-keys": {"GET": ADMINS_LIST, "POST": "401 403 403 201 201 201 403 403"},
    "api-api-keys-row": {"GET": CHANGED, "PATCH": BY_ADMINS, "DELETE": "401 403 403 204 204 404 403 403"},
    "api-integrations": TABLE,
    "api-integrations-row": ROW,
    "api-integrations-credential": {"GET": READ, "PUT": CHANGED, "DELETE": GONE},
    "api-sync-jobs": {"GET": LIST, "POST": "401 403 403 201 201 404 403 201"},
    "api-sync-jobs-row": {"GET": READ},
    "api-sync-jobs-cancel": {"POST": CHANGED},
    "api-audit-logs": {"GET": ADMINS_LIST},
    "api-metric-definitions": {"GET": LIST},
    "api-metric-events": {"GET": LIST, "POST": OURS},
    # Of a store of ours: to the stranger there is no such store.
    "api-metrics": {"GET": "401 403 200 200 200 400 403 200"},
    "api-profile": {"GET": MINE, "PATCH": MINE, "DELETE": "401 204 204 204 409 204 204 403"},
    "api-preferences": {"GET": MINE, "PATCH": MINE},
}
ROUTES = {route.name: route for route in api_routes}
CASES = [(name, method) for name, row in MATRIX.items() for method in row]


def body_for(name, method, world):
    """What would be done, if it may be."""
    rows = world.rows
    named = {"name": "New"}
    bodies = {
        ("api-auth-logout", "POST"): {},
        ("api-auth-set-active-org", "POST"): {"organizationId": str(world.org.pk)},
        ("api-organizations-transfer-ownership", "POST"): {"user_id": str(rows["members"].user_id)},
        ("api-members-row", "PATCH"): {"role": "admin"},
        ("api-invitations", "POST"): {"email": "new@example.org"},
        ("api-invitations-accept", "POST"): {"token": "none of ours"},
        ("api-stores", "POST"): {**named, "workspace_id": str(rows["workspaces"].pk)},
        ("api-doctors", "POST"): {**named, "dso_id": str(rows["dsos"].pk)},
        ("api-dso-access", "POST"): {"dso_id": str(rows["dsos"].pk), "user_id": str(rows["members"].user_id)},
        ("api-dso-access-row", "PATCH"): {"expires_at": "2030-01-01T00:00:00Z"},
        ("api-revenue", "POST"): {"amount": "1", "date": "2026-01-01", "customer_id": str(rows["customers"].pk)},
        ("api-revenue-row", "PATCH"): {"amount": "2"},
        ("api-activities", "POST"): {"type": "login", "customer_id": str(rows["customers"].pk)},
        ("api-activities-row", "PATCH"): {"metadata": {"a": 1}},
        ("api-metric-events", "POST"): {
            "metric_key": "visits",
            "recorded_at": "2026-01-01T00:00:00Z",
            "value": 1,
            "store_id": str(rows["stores"].pk),
        },
        ("api-ai-usage", "POST"): {"query_id": str(uuid4()), "model": "m", "date": "2026-01-01"},
        ("api-workspace-members", "POST"): {"user_id": str(rows["members"].user_id)},
        ("api-workspace-members-row", "PATCH"): {"role": "manager"},
        ("api-integrations", "POST"): {"name": "New", "provider": "folder"},
        ("api-integrations-credential", "PUT"): {"secret": "a credential of the other system"},
        ("api-sync-jobs", "POST"): {"connection_id": str(rows["integrations"].pk)},
        ("api-profile", "PATCH"): {"full_name": "Ada"},
        ("api-preferences", "PATCH"): {"theme_preference": "dark"},
    }
    default = {} if name.startswith("api-auth-") else named
    return bodies.get((name, method), default if method in ("POST", "PATCH") else None)


def address_of(name, world):
    kind = name.removeprefix("api-")
    for verb in (
        "row",
        "restore",
        "deactivate",
        "reactivate",
        "resend",
        "revoke",
        "transfer-ownership",
        "leave",
        "credential",
        "cancel",
    ):
        kind = kind.removesuffix(f"-{verb}")
    row = world.rows.get(kind)
    taken = ROUTES[name].pattern.converters
    key = getattr(row, "pk", row)
    ids = {"workspace_id": world.rows["workspaces"].pk, "row_id": key, "org_id": world.org.pk, "session_id": key}
    asked = f"?key=visits&store={world.rows['stores'].pk}" if name == "api-metrics" else ""
    return reverse(name, kwargs={k: ids[k] for k in taken}) + asked


def prepare(name, method, world):
    """What must be so before it can be done."""
    kind = name.removeprefix("api-").removesuffix("-restore")
    if name == "api-organizations-restore":
        deleting = {"status": OrgStatus.DELETING, "deleting_since": "2999-01-01T00:00:00Z"}
        Organization.objects.filter(pk=world.org.pk).update(**deleting)
    elif name.endswith("-restore"):
        rows: Any = type(world.rows[kind])
        gone = {"deleted_at": "2026-01-01T00:00:00Z", "deletion_id": uuid4()}
        rows.objects.filter(pk=world.rows[kind].pk).update(**gone)
    elif name == "api-sync-jobs":
        # Else one would be waiting already.
        SyncJob.objects.update(status="succeeded")
    elif name == "api-members-reactivate":
        OrgMember.objects.filter(pk=world.rows["members"].pk).update(state=MemberState.INACTIVE)


def test_every_route_and_method_has_its_row():
    served = {(r.name, m.upper()) for r in api_routes for m in actions_of(r)}
    assert served == set(CASES)


def test_every_address_under_api_is_one_of_these_or_says_what_they_are():
    found = {
        p.name for r in get_resolver().url_patterns for p in getattr(r, "url_patterns", [r]) if "api" in str(r.pattern)
    }
    assert found == {*ROUTES, "api-root", "api-schema", "api-docs"}


@pytest.mark.parametrize(("name", "method"), CASES, ids=lambda value: value)
def test_everybody_is_answered_as_they_should_be(name, method):
    world = make_world()
    prepare(name, method, world)
    answered = {}
    for actor in ACTORS:
        with transaction.atomic():
            client, body = world.clients[actor], body_for(name, method, world)
            answered[actor] = client.send(method, address_of(name, world), body)
            transaction.set_rollback(True)
    statuses = " ".join(str(answered[actor].status_code) for actor in ACTORS)
    told = {a: r.content.decode()[:300] for a, r in answered.items()}
    assert statuses == MATRIX[name][method], told
    for response in answered.values():
        assert response["Cache-Control"] == "private, no-store"
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json"
            assert set(response.json()) == {"type", "title", "status", "detail", "errors"}
    if answered["nobody"].status_code == 401:
        assert answered["nobody"]["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("name", ROUTES)
def test_a_method_that_is_not_there_is_answered_so(name, as_owner):
    address = reverse(name, kwargs=dict.fromkeys(ROUTES[name].pattern.converters, uuid4()))
    there = {m.upper() for m in actions_of(ROUTES[name])}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - there:
        assert as_owner.send(method, address).status_code == 405, method


def test_who_was_demoted_is_what_they_are_now_with_the_token_of_before():
    world = make_world()
    admin = world.clients["admin"]
    assert admin.get("/api/api-keys/").status_code == 200
    OrgMember.objects.filter(user=world.people["admin"]).filter(org=world.org).update(role="member")
    assert admin.get("/api/api-keys/").status_code == 403
    User.objects.filter(pk=world.people["admin"].pk).update(is_active=False)
    assert admin.get("/api/profile/").status_code == 401


def test_a_suspended_organization_answers_nobody_but_oneself_is_reached():
    world = make_world()
    Organization.objects.filter(pk=world.org.pk).update(status=OrgStatus.SUSPENDED)
    for actor in ("member", "owner", "key"):
        answer = world.clients[actor].get("/api/customers/")
        assert (answer.status_code, answer.json()["type"]) == (403, "no-active-organization")
    assert world.clients["member"].get("/api/profile/").status_code == 200
    assert world.clients["owner"].get("/api/auth/validate").status_code == 200


def test_a_token_of_another_organization_does_not_open_this_one():
    world = make_world()
    person = world.people["admin"]
    own = Organization.objects.get(created_by=person)
    elsewhere = token_for(person, own)
    world.clients["admin"].bearer = elsewhere
    customer = world.rows["customers"].pk
    assert world.clients["admin"].get(f"/api/customers/{customer}/").status_code == 404
    assert world.clients["admin"].get(f"/api/organizations/{world.org.pk}/").status_code == 404
