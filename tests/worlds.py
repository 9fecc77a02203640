"""Two organizations with a row of each in every table, committed, so that real connections can try to cross."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Authenticator, RecoveryCode, User, UserSession
from tenants.models import (
    Activity,
    AiUsage,
    ApiKey,
    Conversion,
    ConversionChange,
    ConversionRequest,
    ConversionShare,
    ConversionTable,
    ConversionWorker,
    Customer,
    Doctor,
    DoctorRun,
    Dso,
    Invitation,
    MetricDefinition,
    MetricEvent,
    Organization,
    QuarantinedRow,
    Revenue,
    UserDsoAccess,
    WorkspaceMember,
)
from tenants.registry import org_models
from tests.chains import add_chain, add_tombstone
from tests.factories import make_member, make_org, make_staff, make_store, make_superuser, owner_of
from tests.integrations import add_integration
from tests.reviews import add_review
from tests.weblogins import drop_test_login, make_test_login


@dataclass(frozen=True)
class Side:
    """One organization and its people."""

    org: Organization
    people: dict[str, User] = field(default_factory=dict)

    @property
    def owner(self) -> User:
        return self.people["owner"]


@dataclass(frozen=True)
class Worlds:
    """Ours, theirs, and a superuser."""

    ours: Side
    theirs: Side
    superuser: User
    url: str


def make_side() -> Side:
    org = make_org()
    people = {"owner": owner_of(org), "admin": make_member(org, "admin").user, "member": make_member(org).user}
    people["staff"] = make_staff()
    make_member(org, "admin", user=people["staff"])
    side = Side(org, people)
    for make in ROWS.values():
        make(side)
    return side


def add_invitation(side: Side) -> None:
    name = f"guest-{side.org.slug}@example.org"
    now = timezone.now()
    times = {"sent_at": now, "expires_at": now + timedelta(days=1)}
    Invitation.objects.create(org=side.org, email=name, token_hash=name, invited_by=side.owner, **times)


def add_workspace_member(side: Side) -> None:
    store = make_store(side.org)
    WorkspaceMember.objects.create(org=side.org, workspace=store.workspace, user=side.owner)


def add_permissions(side: Side) -> None:
    group = Group.objects.create(name=f"group of {side.org.slug}")
    permission = Permission.objects.all()[0]
    group.permissions.add(permission)
    side.owner.groups.add(group)
    side.owner.user_permissions.add(permission)


def add_session(side: Side) -> None:
    Session.objects.create(session_key=f"session-{side.org.pk}"[:40], session_data="secret", expire_date=timezone.now())


def add_token_session(side: Side) -> None:
    now = timezone.now()
    times = {"last_used_at": now, "expires_at": now + timedelta(days=1)}
    UserSession.objects.create(user=side.owner, method="password", refresh_hash="secret", **times)


def add_second_factor(side: Side) -> None:
    Authenticator.objects.create(user=side.owner, sealed_secret="secret")
    RecoveryCode.objects.create(user=side.owner, code_hash="secret")


def add_api_key(side: Side) -> None:
    ApiKey.objects.create(org=side.org, name="secret", prefix="tnk_0", secret_hash=f"hash of {side.org.slug}")


def add_admin_log(side: Side) -> None:
    LogEntry.objects.create(user=side.owner, object_repr="secret", action_flag=1)


def add_private_rows(side: Side) -> None:
    with connection.cursor() as cursor:
        cursor.execute("insert into private.trusted_logins (login) values (%s)", [f"login_{side.org.slug}"[:60]])
        cursor.execute("insert into private.batch_jobs (job, batch_size) values (%s, 1)", [side.org.slug])
        cursor.execute("insert into private.attempts values (%s, 1, now())", [side.org.slug])
        cursor.execute("insert into private.idempotent_requests values (%s, 'f', 'a', now())", [side.org.slug])


def add_business(side: Side) -> None:
    customer = Customer.objects.create(org=side.org, name=f"secret customer of {side.org.slug}")
    Revenue.objects.create(org=side.org, customer=customer, amount=1, date=date(2026, 1, 1), description="secret")
    Activity.objects.create(org=side.org, customer=customer, type="login", metadata={"word": "secret"})
    AiUsage.objects.create(org=side.org, user=side.owner, query_id=uuid4(), model="secret", date=date(2026, 1, 1))


def add_clinic(side: Side) -> None:
    dso = Dso.objects.create(org=side.org, name="secret DSO")
    Doctor.objects.create(org=side.org, dso=dso, name="secret doctor")
    UserDsoAccess.objects.create(org=side.org, user=side.owner, dso=dso, granted_by=side.owner)


def add_metrics(side: Side) -> None:
    MetricDefinition.objects.get_or_create(key="visits", defaults={"display_name": "Visits"})
    now = timezone.now()
    MetricEvent.objects.create(org=side.org, metric_key="visits", value=1, recorded_at=now, dimensions={"a": "secret"})


def add_conversion(side: Side) -> None:
    """A conversion that has come somewhere: nobody but a superuser in all organizations may know of it."""
    number = Conversion.objects.count() + 1
    conversion = Conversion.objects.create(number=number, schemas=[f"secret{number}"], plan="secret")
    table = ConversionTable.objects.create(
        conversion=conversion, name="secret.calls", oid=number, position=0, decisions={"route": "user:secret"}
    )
    ConversionShare.objects.create(table=table, number=0, bounds=[None, "secret"])
    ConversionWorker.objects.create(conversion=conversion, name="secret:1")
    ConversionChange.objects.create(conversion=conversion, table=table, phase="column", kind="column", name="secret")
    ConversionRequest.objects.create(conversion=conversion, verb="run", asked_by="secret")
    QuarantinedRow.objects.create(
        table=table, row_key={"id": "secret"}, reason="no_org", candidates=[side.org.pk], decided_org=side.org
    )


def add_doctor_run(side: Side) -> None:
    DoctorRun.objects.create(made_by="doctor", findings=[{"object": "secret"}])


# What makes a row in tables that no person's sign-up fills; a new table needs its line here.
ROWS: dict[str, Callable[[Side], None]] = {
    "invitations": add_invitation,
    "workspace_members, stores": add_workspace_member,
    "auth_group and those beside it": add_permissions,
    "django_session": add_session,
    "django_admin_log": add_admin_log,
    "user_sessions": add_token_session,
    "user_authenticators, user_recovery_codes": add_second_factor,
    "api_keys": add_api_key,
    "private": add_private_rows,
    "customers, revenue, activities, ai_usage_log": add_business,
    "dsos, doctors, user_dso_access": add_clinic,
    "metric_definitions, metric_events": add_metrics,
    "access_findings, cleaning_batches, cleaning_rows": add_review,
    "integration_connections, sync_jobs, private.vault_*": add_integration,
    "private.audit_*": add_chain,
    "private.audit_erased": add_tombstone,
    "conversion*": add_conversion,
    "doctor_runs": add_doctor_run,
}


@dataclass(frozen=True)
class Table:
    """A table as the catalog has it; `owner_column` says whose a row is: an organization's, a person's, nobody's."""

    schema: str
    name: str
    partition: bool
    view: bool
    columns: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> str:
        return f'"{self.schema}"."{self.name}"'

    @property
    def owner_column(self) -> str | None:
        special = {"organizations": "id", "users": "id"}
        found = [c for c in (special.get(self.name), "org_id", "user_id") if c in self.columns]
        return found[0] if found else None

    def foreign_to(self, side: Side, other: Side) -> list[str]:
        """The owners of the other side's rows here."""
        if self.name == "organizations" or "org_id" in self.columns:
            return [str(other.org.pk)]
        return [str(p.pk) for p in other.people.values()]

    def is_org_table(self) -> bool:
        return self.name in {m._meta.db_table for m in org_models()} | {"organizations"}


READ_TABLES = """
select n.nspname, c.relname, c.relispartition, c.relkind = 'v',
    (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
order by 1, 2
"""


def read_tables() -> list[Table]:
    """Every table of the database, partitions and views included."""
    with connection.cursor() as cursor:
        cursor.execute(READ_TABLES)
        return [
            Table(schema, name, part, view, tuple(columns)) for schema, name, part, view, columns in cursor.fetchall()
        ]


@pytest.fixture(scope="session")
def web_url(django_db_setup: Any, django_db_blocker: Any) -> Iterator[str]:
    """The address of a web login made by `web_login`, in the test database."""
    with django_db_blocker.unblock():
        url = make_test_login()
        connection.close()
    yield url
    with django_db_blocker.unblock():
        drop_test_login(url)


@pytest.fixture(scope="module")
def worlds(web_url: str, django_db_blocker: Any) -> Iterator[Worlds]:
    with django_db_blocker.unblock():
        ours, theirs = make_side(), make_side()
        yield Worlds(ours, theirs, make_superuser(), web_url)
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from private.trusted_logins; delete from private.batch_jobs; delete from private.attempts;"
                "delete from private.idempotent_requests"
            )
        call_command("flush", verbosity=0, interactive=False)
        connection.close()


@pytest.fixture(scope="module")
def tables(worlds: Worlds) -> list[Table]:
    return read_tables()


def model_tables() -> set[str]:
    """Tables of every model Django knows."""
    return {m._meta.db_table for m in apps.get_models(include_auto_created=True)}
