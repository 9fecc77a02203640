"""One row of everything in an organization, and everybody who may or may not reach it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.tokens.sessions import start_session
from accounts.visitors import Visitor
from tenants.models import (
    Activity,
    AiUsage,
    ApiKey,
    Customer,
    Doctor,
    Dso,
    IntegrationConnection,
    Invitation,
    MemberState,
    MetricDefinition,
    MetricEvent,
    Organization,
    OrgMember,
    Revenue,
    SyncJob,
    UserDsoAccess,
    WorkspaceMember,
)
from tests.api.clients import ApiClient, client_for, key_client
from tests.factories import make_member, make_org, make_person, make_store, owner_of

ACTORS = ("nobody", "outsider", "member", "admin", "owner", "stranger", "removed", "key")


@dataclass
class World:
    """An organization, its rows by the name of their kind, and clients by who they are."""

    org: Organization
    rows: dict[str, Any] = field(default_factory=dict)
    clients: dict[str, ApiClient] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)


def make_world() -> World:
    world = World(make_org())
    add_people(world)
    add_rows(world)
    return world


def add_people(world: World) -> None:
    org, other = world.org, make_org()
    world.people = {
        "outsider": make_person(),
        "member": make_member(org).user,
        "admin": make_member(org, "admin").user,
        "owner": owner_of(org),
        "stranger": owner_of(other),
        "removed": make_member(org).user,
    }
    homes = {"stranger": other, "outsider": None}
    for name, person in world.people.items():
        world.clients[name] = client_for(person, homes.get(name, org))
    # Their tokens are still good; what they were good for is gone.
    for name in ("outsider", "removed"):
        gone = OrgMember.objects.filter(user=world.people[name])
        gone.filter(org=org).delete()
        gone.exclude(org=org).filter(role="owner").update(role="owner")
    make_member(Organization.objects.get(created_by=world.people["outsider"]), "owner")
    OrgMember.objects.filter(user=world.people["outsider"]).update(state=MemberState.INACTIVE)
    world.clients |= {"nobody": ApiClient(), "key": key_client(org)}


def add_rows(world: World) -> None:
    org, owner = world.org, world.people["owner"]
    store = make_store(org)
    customer = Customer.objects.create(org=org, name="Ada")
    dso = Dso.objects.create(org=org, name="North")
    now = timezone.now()
    MetricDefinition.objects.get_or_create(key="visits", defaults={"display_name": "Visits"})
    with transaction.atomic():
        session = start_session(world.people["member"], visitor=Visitor()).session_id
    connected = IntegrationConnection.objects.create(org=org, provider="folder", name="Shop")
    world.rows = {
        "organizations": org,
        "stores": store,
        "workspaces": store.workspace,
        "customers": customer,
        "revenue": Revenue.objects.create(org=org, customer=customer, amount=5, date=date(2026, 1, 1)),
        "activities": Activity.objects.create(org=org, customer=customer, type="login"),
        "ai-usage": AiUsage.objects.create(org=org, user=owner, query_id=uuid4(), model="m", date=date(2026, 1, 1)),
        "dsos": dso,
        "doctors": Doctor.objects.create(org=org, dso=dso, name="Ann"),
        "dso-access": UserDsoAccess.objects.create(org=org, user=owner, dso=dso),
        "workspace-members": WorkspaceMember.objects.create(org=org, workspace=store.workspace, user=owner),
        "invitations": Invitation.objects.create(
            org=org, email="g@example.org", token_hash="h", invited_by=owner, sent_at=now, expires_at=now + timedelta(1)
        ),
        "integrations": connected,
        "sync-jobs": SyncJob.objects.create(org=org, connection=connected),
        "metric-events": MetricEvent.objects.create(org=org, metric_key="visits", value=1, recorded_at=now),
        "api-keys": ApiKey.objects.filter(org=org)[0],
        "members": make_member(org),
        "sessions": session,
    }
