"""How often each list asks the database: the same for one row and for fifty; and how often a request waits for it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tokens.sessions import start_session
from accounts.visitors import Visitor
from config.api import api_routes
from tenants.models import (
    Activity,
    AiUsage,
    ApiKey,
    Customer,
    Doctor,
    Dso,
    IntegrationConnection,
    Invitation,
    MetricDefinition,
    MetricEvent,
    Revenue,
    Store,
    SyncJob,
    UserDsoAccess,
    Workspace,
    WorkspaceMember,
)
from tests.api.clients import client_for, token_for
from tests.api.routes import actions_of
from tests.factories import make_member, make_org, owner_of
from tests.tenants.test_scope_round_trips import counted_trips

DAY = date(2026, 1, 1)
Make = Callable[[Any, User, int], Any]


def add_session(org, owner, n):
    with transaction.atomic():
        start_session(owner, visitor=Visitor())


def add_invitation(org, owner, n):
    now = timezone.now()
    times = {"sent_at": now, "expires_at": now + timedelta(days=1)}
    Invitation.objects.create(org=org, email=f"g{n}@example.org", token_hash=str(uuid4()), invited_by=owner, **times)


def first(model, org):
    """The one that there is, made when there is none."""
    return model.objects.filter(org=org).order_by("id").first() or model.objects.create(org=org, name="first")


def add_connection(org):
    return IntegrationConnection.objects.create(org=org, provider="folder", name=str(uuid4()))


def add_place(org, owner, n):
    WorkspaceMember.objects.create(org=org, workspace=workspace_of(org), user=make_member(org).user)


def workspace_of(org):
    return Workspace.objects.filter(org=org).order_by("id")[0]


def add_event(org, owner, n):
    MetricDefinition.objects.get_or_create(key="visits", defaults={"display_name": "Visits"})
    MetricEvent.objects.create(org=org, metric_key="visits", value=n, recorded_at=timezone.now())


# What makes one more row of each list, and how many queries of data a page of it takes.
LISTS: dict[str, tuple[int, Make]] = {
    "activities/": (1, lambda org, owner, n: Activity.objects.create(org=org, type="login")),
    "ai-usage/": (
        1,
        lambda org, owner, n: AiUsage.objects.create(org=org, user=owner, query_id=uuid4(), model="m", date=DAY),
    ),
    "ai-usage/summary/": (
        2,
        lambda org, owner, n: AiUsage.objects.create(
            org=org, user=owner, query_id=uuid4(), model="m", date=DAY + timedelta(days=n)
        ),
    ),
    "api-keys/": (1, lambda org, owner, n: ApiKey.objects.create(org=org, name="k", secret_hash=str(uuid4()))),
    "audit-logs/": (1, lambda org, owner, n: Customer.objects.create(org=org, name="c")),
    "auth/sessions/": (1, add_session),
    "customers/": (1, lambda org, owner, n: Customer.objects.create(org=org, name="c")),
    "doctors/": (1, lambda org, owner, n: Doctor.objects.create(org=org, dso=first(Dso, org), name="d")),
    "dso-access/": (1, lambda org, owner, n: UserDsoAccess.objects.create(org=org, user=owner, dso=first(Dso, org))),
    "dsos/": (1, lambda org, owner, n: Dso.objects.create(org=org, name="d")),
    "integrations/": (
        1,
        lambda org, owner, n: add_connection(org),
    ),
    "invitations/": (1, add_invitation),
    "members/": (1, lambda org, owner, n: make_member(org)),
    "metric-definitions/": (
        1,
        lambda org, owner, n: MetricDefinition.objects.create(key=f"metric{n}", display_name="Metric"),
    ),
    "metric-events/": (1, add_event),
    "organizations/": (1, lambda org, owner, n: make_member(make_org(), user=owner)),
    "revenue/": (
        1,
        lambda org, owner, n: Revenue.objects.create(org=org, customer=first(Customer, org), amount=1, date=DAY),
    ),
    "stores/": (1, lambda org, owner, n: Store.objects.create(org=org, workspace=workspace_of(org), name=f"s{n}")),
    "sync-jobs/": (
        1,
        lambda org, owner, n: SyncJob.objects.create(org=org, connection=add_connection(org), status="succeeded"),
    ),
    "workspaces/": (1, lambda org, owner, n: Workspace.objects.create(org=org, name=f"w{n}")),
    # The workspace is asked for first: another organization's is not there.
    "workspaces/<key:workspace_id>/members/": (2, add_place),
}


def count_queries(client, address):
    """Data only: what enters and leaves the scope is measured in round trips."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, answer.content
    data = [q["sql"] for q in captured if q["sql"].startswith(("SELECT", "select org_id"))]
    return len(data), len(answer.json()["results"])


def test_every_list_is_pinned():
    lists = {str(r.pattern) for r in api_routes if actions_of(r).get("get") in ("list", "summary")}
    assert lists == set(LISTS)


@pytest.mark.django_db
@pytest.mark.parametrize("route", LISTS)
def test_a_page_of_fifty_asks_as_often_as_a_page_of_one(route, org, owner):
    pinned, add = LISTS[route]
    address = f"/api/{route.replace('<key:workspace_id>', str(workspace_of(org).pk))}"
    client = client_for(owner, org)
    add(org, owner, 0)
    few, shown = count_queries(client, address)
    for n in range(1, 50):
        add(org, owner, n)
    many, all_shown = count_queries(client, address)
    assert (few, many) == (pinned, pinned)
    assert shown < all_shown
    assert all_shown >= 49


class PlainClient(Client):
    """As a web process is reached: no transaction is open when the request comes in."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/api/customers/", "/api/members/", "/api/profile/", "/api/organizations/"])
def test_a_read_takes_three_round_trips(address):
    org = make_org()
    bearer = token_for(owner_of(org), org)
    client = PlainClient(headers={"Authorization": f"Bearer {bearer}"})
    with counted_trips() as trips:
        answer = client.get(address)
    assert answer.status_code == 200
    assert trips.count == 3


@pytest.mark.django_db(transaction=True)
def test_a_credential_of_nobody_asks_the_database_nothing():
    with counted_trips() as trips:
        assert PlainClient(headers={"Authorization": "Bearer x.y.z"}).get("/api/customers/").status_code == 401
    assert trips.count == 0
