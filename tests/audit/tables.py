"""Every table that is logged, with a way to build a row and a column to change: a new table is added here."""

import itertools
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from accounts.models import CleaningBatch, User, UserPreferences, UserProfile
from audit.models import AuditLog
from tenants.constraints import TableGuard
from tenants.models import (
    Activity,
    AiUsage,
    ApiKey,
    Conversion,
    ConversionRequest,
    ConversionTable,
    Customer,
    Doctor,
    Dso,
    IntegrationConnection,
    Invitation,
    MetricDefinition,
    Organization,
    OrgMember,
    QuarantinedRow,
    Revenue,
    Store,
    UserDsoAccess,
    Workspace,
    WorkspaceMember,
)
from tests.factories import make_member, make_person, make_staff

NUMBERS = itertools.count()


@dataclass(frozen=True)
class Change:
    """A column and another value for it."""

    field: str
    value: Any


def build_invitation(org: Organization) -> Invitation:
    now, number = timezone.now(), next(NUMBERS)
    times = {"sent_at": now, "expires_at": now + timedelta(days=1)}
    return Invitation(org=org, email=f"guest{number}@example.org", token_hash=f"hash{number}", **times)


def build_workspace_member(org: Organization) -> WorkspaceMember:
    return WorkspaceMember(org=org, workspace=Workspace.objects.filter(org=org)[0], user=make_member(org).user)


def build_usage(org: Organization) -> AiUsage:
    return AiUsage(org=org, user=make_member(org).user, query_id=uuid4(), model="small", date=date(2026, 3, 1))


def build_doctor(org: Organization) -> Doctor:
    return Doctor(org=org, dso=Dso.objects.create(org=org, name="North"), name="Ada")


def build_dso_access(org: Organization) -> UserDsoAccess:
    dso = Dso.objects.create(org=org, name="North")
    return UserDsoAccess(org=org, dso=dso, user=make_member(org).user)


def build_conversion(org: Organization) -> Conversion:
    return Conversion(number=10_000 + next(NUMBERS), schemas=["legacy"], plan="")


def build_quarantined(org: Organization) -> QuarantinedRow:
    conversion = build_conversion(org)
    conversion.save()
    table = ConversionTable.objects.create(conversion=conversion, name="legacy.calls", oid=1, position=0, decisions={})
    return QuarantinedRow(table=table, row_key={"id": str(next(NUMBERS))}, reason="no_org")


def build_request(org: Organization) -> ConversionRequest:
    conversion = build_conversion(org)
    conversion.save()
    return ConversionRequest(conversion=conversion, verb="run", asked_by="user:1")


def build_without(model: type[models.Model], **fields: Any) -> Any:
    """A row that the database has made with its person: taken away first."""
    person = make_staff()
    model._default_manager.filter(pk=person.pk).delete()
    return model(user=person, **fields)


BUILDERS: dict[type[models.Model], tuple[Any, Change]] = {
    Organization: (lambda org: Organization(slug=f"org-{next(NUMBERS)}-x", name="New"), Change("name", "Other")),
    OrgMember: (
        lambda org: OrgMember(org=org, user=make_person(), joined_at=timezone.now()),
        Change("role", "admin"),
    ),
    Invitation: (build_invitation, Change("role", "admin")),
    Workspace: (lambda org: Workspace(org=org, name=f"Part {next(NUMBERS)}"), Change("name", "Other")),
    WorkspaceMember: (build_workspace_member, Change("role", "manager")),
    Store: (
        lambda org: Store(org=org, workspace=Workspace.objects.filter(org=org)[0], name=f"Store {next(NUMBERS)}"),
        Change("name", "Other"),
    ),
    Customer: (lambda org: Customer(org=org, name=f"Customer {next(NUMBERS)}"), Change("company", "Other")),
    Revenue: (
        lambda org: Revenue(org=org, amount=Decimal("10.00"), date=date(2026, 3, 1)),
        Change("category", "other"),
    ),
    Activity: (lambda org: Activity(org=org, type="login"), Change("type", "export")),
    AiUsage: (build_usage, Change("model", "large")),
    ApiKey: (
        lambda org: ApiKey(org=org, name="Robot", prefix="tnk_0", secret_hash=f"hash{next(NUMBERS)}"),
        Change("name", "Other"),
    ),
    IntegrationConnection: (
        lambda org: IntegrationConnection(org=org, provider="folder", name=f"Shop {next(NUMBERS)}"),
        Change("status", "paused"),
    ),
    MetricDefinition: (
        lambda org: MetricDefinition(key=f"metric{next(NUMBERS)}", display_name="Visits"),
        Change("unit", "visits"),
    ),
    Dso: (lambda org: Dso(org=org, name=f"DSO {next(NUMBERS)}"), Change("name", "Other")),
    Doctor: (build_doctor, Change("name", "Other")),
    UserDsoAccess: (build_dso_access, Change("expires_at", "2040-01-01T00:00:00+00:00")),
    CleaningBatch: (
        lambda org: CleaningBatch(org=org, made_by="system:clean_access", access_rows=1, planned_rows=1),
        Change("planned_rows", 2),
    ),
    Conversion: (build_conversion, Change("pause_reason", "night")),
    ConversionRequest: (build_request, Change("outcome", "done")),
    QuarantinedRow: (build_quarantined, Change("decided_by", "user:1")),
    User: (lambda org: User(email=f"new{next(NUMBERS)}@example.org", is_staff=True), Change("is_active", False)),
    UserProfile: (lambda org: build_without(UserProfile, email="a@example.org"), Change("full_name", "Ada")),
    UserPreferences: (lambda org: build_without(UserPreferences), Change("theme_preference", "dark")),
}


def guard_of(model: type[models.Model]) -> Any:
    return next((c for c in model._meta.constraints if isinstance(c, TableGuard)), None)


def logged_models() -> list[type[models.Model]]:
    """Every model whose guard writes the log."""
    guards = {model: guard_of(model) for model in apps.get_models()}
    return [model for model, guard in guards.items() if guard and guard.options["audited"]]


def entries(row: models.Model) -> list[AuditLog]:
    """What the log holds about a row, oldest first; not of the one with its key that the database had made before."""
    found = list(
        AuditLog.objects.filter(table_name=row._meta.db_table, record_id=str(row.pk)).order_by("created_at", "id")
    )
    born = max((n for n, entry in enumerate(found) if entry.action == "INSERT"), default=0)
    return found[born:]


def actions(row: models.Model) -> list[str]:
    return [entry.action for entry in entries(row)]


def execute(statement: str, parameters: Any = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
