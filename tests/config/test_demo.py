"""`manage.py demo`: a world to look at, made once, and nowhere it does not belong."""

import io
import json
import time
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F, Max, Min
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from config.demo.world import DEFAULT_ORG, DEMO_ORG, PASSWORD
from config.management.commands.demo import DemoRefused
from postgres.partitions import count_default
from tenants.metrics.partitions import EVENTS
from tenants.models import (
    Customer,
    IntegrationConnection,
    Invitation,
    InvitationState,
    MemberState,
    MetricDefinition,
    MetricEvent,
    Organization,
    OrgMember,
    OrgStatus,
    Revenue,
    Role,
    SyncJob,
)
from tenants.vault.credentials import read_credential
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def run_demo(**options: Any) -> str:
    said = io.StringIO()
    call_command("demo", stdout=said, **options)
    return said.getvalue()


def count_log() -> int:
    return AuditLog.objects.count()


def delete_organizations() -> None:
    with connection.cursor() as cursor:
        cursor.execute("update organizations set status = 'deleting', deleting_since = now()")
        cursor.execute("delete from organizations")


def test_the_organizations_of_the_requirements_have_their_ids():
    run_demo()
    assert Organization.objects.get(pk=DEMO_ORG).status == OrgStatus.ACTIVE
    assert Organization.objects.get(pk=DEFAULT_ORG).status == OrgStatus.ACTIVE
    assert Organization.objects.get(slug="all-solutions-consulting").name == "All Solutions Consulting"


def test_every_state_of_organizations_members_and_invitations_is_there():
    run_demo()
    assert set(Organization.objects.values_list("status", flat=True)) == set(OrgStatus.values)
    assert set(OrgMember.objects.values_list("state", flat=True)) == set(MemberState.values)
    assert set(OrgMember.objects.values_list("role", flat=True)) == set(Role.values)
    assert set(Invitation.objects.values_list("state", flat=True)) == set(InvitationState.values)
    assert Invitation.objects.filter(state=InvitationState.PENDING, expires_at__lt=timezone.now()).exists()


def test_every_organization_has_an_owner_and_a_workspace():
    run_demo()
    for org in Organization.objects.all():
        assert org.members.filter(role=Role.OWNER, state=MemberState.ACTIVE).exists(), org.slug
        assert org.created_by is not None


def test_nobody_was_given_an_organization_of_their_own():
    run_demo()
    assert Organization.objects.count() == 6


def test_somebody_is_in_more_than_one_organization():
    run_demo()
    assert User.objects.get(email="owner@demo.test").memberships.filter(state=MemberState.ACTIVE).count() == 3


def test_nobody_joined_before_their_organization_began():
    run_demo()
    for member in OrgMember.objects.exclude(joined_at=None).select_related("org"):
        assert member.joined_at is not None
        assert member.joined_at >= member.org.created_at, member.user_id


def test_the_printed_people_sign_in_with_the_printed_password():
    people = json.loads(run_demo(json=True))["sign_ins"]
    assert [who["email"] for who in people] == ["admin@demo.test", "staff@demo.test", "owner@demo.test"]
    for who in people:
        assert User.objects.get(email=who["email"]).check_password(who["password"])


def test_the_superuser_is_no_member_and_the_owner_no_staff():
    run_demo()
    admin, owner = (User.objects.get(email=f"{name}@demo.test") for name in ("admin", "owner"))
    assert admin.is_superuser
    assert not admin.memberships.exists()
    assert not owner.is_staff


def test_the_staff_person_may_work_in_one_organization():
    run_demo()
    staff = User.objects.get(email="staff@demo.test")
    assert staff.is_staff
    assert not staff.is_superuser
    assert staff.console_org_id == DEMO_ORG
    assert staff.has_perms(["tenants.view_orgmember", "tenants.change_orgmember", "tenants.change_customer"])
    assert staff.has_perms(["tenants.change_syncjob", "audit.view_auditlog"])
    assert not staff.has_perm("accounts.change_user")


def test_a_second_run_changes_nothing_and_is_quick():
    run_demo()
    before = count_log()
    started = time.monotonic()
    assert PASSWORD in run_demo()
    assert time.monotonic() - started < 1
    assert count_log() == before


def test_the_same_people_and_the_same_business_come_every_time():
    def look() -> list[Any]:
        amounts = Revenue.objects.filter(org=DEMO_ORG).order_by("date", "customer__name", "amount")
        return [
            list(User.objects.values_list("email", flat=True)),
            list(Customer.objects.order_by("email", "org_id").values_list("name", "company", "status")),
            list(amounts.values_list("date", "customer__name", "category")),
        ]

    run_demo()
    first = look()
    delete_organizations()
    User.objects.all().delete()
    run_demo()
    assert look() == first


def test_what_was_deleted_since_does_not_come_back():
    run_demo()
    delete_organizations()
    run_demo()
    assert not Organization.objects.exists()


def test_connections_have_credentials_that_open_and_do_not_come_back():
    run_demo()
    connections = IntegrationConnection.objects.filter(org_id=DEMO_ORG)
    tills = connections.get(name="Tills")
    credential = read_credential(DEMO_ORG, tills.pk, purpose="test")
    assert credential is not None
    assert credential.last_four() == tills.credential_last_four
    assert {job.status for job in SyncJob.objects.filter(org_id=DEMO_ORG)} == {"succeeded", "failed", "cancelled"}
    connections._raw_delete(connections.db)
    run_demo()
    assert not connections.exists()


def test_everything_is_in_the_log_as_the_demos_work():
    run_demo()
    mine = ask("select pg_current_xact_id()::text::bigint")
    rows = AuditLog.objects.filter(table_name="org_members", transaction_id=mine)
    actors = set(rows.values_list("actor", "reason"))
    assert actors == {("system:demo", "demo data")}


def test_no_personal_organization_follows_a_person_added_after_the_demo():
    """The provisioning that the demo asks for ends with it."""
    run_demo()
    assert make_person().memberships.get().role == Role.OWNER


def test_a_database_with_other_people_is_refused_unless_forced():
    make_person()
    with pytest.raises(DemoRefused, match=r"people who are not the demo's \(1\)"):
        run_demo()
    assert Organization.objects.filter(pk=DEMO_ORG).count() == 0
    run_demo(force=True)
    assert Organization.objects.filter(pk=DEMO_ORG).count() == 1


def test_people_who_come_after_the_demo_do_not_stop_its_second_run():
    run_demo()
    make_person()
    assert "admin@demo.test" in run_demo()


def test_production_is_refused_unless_forced(settings):
    settings.PRODUCTION = True
    settings.TENANTRY_VAULT_KEYS = f"test:{b64encode(b'0' * 32).decode()}"
    with pytest.raises(DemoRefused, match="TENANTRY_ENV is production"):
        run_demo()
    assert "admin@demo.test" in run_demo(force=True)


def test_only_people_who_can_sign_in_are_printed():
    run_demo()
    User.objects.filter(email="owner@demo.test").update(is_active=False)
    assert "owner@demo.test" not in run_demo()


def ask(statement: str) -> Any:
    """Ask as the login: the owner role has no business in the old schema before it is converted."""
    with connection.cursor() as cursor:
        cursor.execute(f"set local role none; {statement}")
        while cursor.nextset():
            pass
        answer = cursor.fetchone()[0]
        cursor.execute("set local role tenantry_owner")
        return answer


LEGACY = "select count(*) from pg_class c where relnamespace = 'legacy'::regnamespace and relkind in ('r', 'p')"


def test_an_old_database_waits_to_be_converted():
    run_demo()
    assert ask(f"{LEGACY} and not relispartition") == 45 + 9 + 1
    assert ask("select count(*) from legacy.calls") > 1000
    assert ask("select count(*) from legacy.call_logs where user_id is null") == 12


def test_three_of_its_people_are_unknown_here():
    run_demo()
    unknown = "select count(*) from legacy.users l where not exists (select from users u where u.email_lower = %s)"
    assert ask(unknown % "lower(l.email)") == 3


def test_the_old_database_belongs_to_the_login_that_converts_it():
    run_demo()
    owner = "select pg_get_userbyid(relowner) from pg_class where oid = 'legacy.calls'::regclass"
    assert ask(owner) == ask("select session_user")


def test_an_old_database_that_was_converted_is_not_made_again():
    run_demo()
    with connection.cursor() as cursor:
        cursor.execute("set local role none; delete from legacy.call_logs; set local role tenantry_owner")
    assert "Made" not in run_demo()
    assert ask("select count(*) from legacy.call_logs") == 0


def test_a_year_was_measured_and_each_event_is_in_its_month():
    run_demo()
    measured = MetricEvent.objects.filter(org_id=DEMO_ORG)
    assert {method for (method,) in MetricDefinition.objects.values_list("aggregation_method")} >= {
        "sum",
        "p95",
        "last",
    }
    assert set(measured.values_list("metric_key", flat=True)) == set(
        MetricDefinition.objects.values_list("key", flat=True)
    )
    times = measured.aggregate(first=Min("recorded_at"), last=Max("recorded_at"))
    assert times["last"] - times["first"] > timedelta(days=360)
    assert times["last"] <= timezone.now()
    assert not MetricEvent.objects.filter(recorded_at__lt=F("org__created_at")).exists()
    with connection.cursor() as cursor:
        assert count_default(cursor, EVENTS) == 0
