"""Who wrote an entry, how events enter, and that nobody changes what is written."""

from contextlib import ExitStack
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from audit.models import NO_ORG, AuditLog
from tenants.scope import api_scope, owner_scope, service_scope, staff_scope
from tests.audit.tables import entries, execute
from tests.factories import make_member, make_superuser, make_workspace


def last_entry(**fields):
    return AuditLog.objects.filter(**fields).order_by("-created_at", "-id").first()


class TestActors:
    def test_a_person_through_the_api(self, org, owner):
        with api_scope(owner.pk, org.pk, request_id="r-1"):
            workspace = make_workspace(org)
        entry = entries(workspace)[0]
        assert (entry.actor, entry.user_id, entry.surface) == (f"user:{owner.pk}", owner.pk, "api")
        assert entry.request_id == "r-1"

    def test_staff_on_the_console_with_a_reason(self, org):
        person = make_superuser()
        with staff_scope(person.pk, org.pk, reason="ticket 7", request_id="r-2"):
            workspace = make_workspace(org)
        entry = entries(workspace)[0]
        assert (entry.actor, entry.surface, entry.reason) == (f"user:{person.pk}", "console", "ticket 7")

    def test_a_service_by_its_reason(self, org):
        with service_scope("sign-up"):
            workspace = make_workspace(org)
        assert (entries(workspace)[0].actor, entries(workspace)[0].surface) == ("system:sign-up", "service")

    def test_a_command_by_its_job_reason_and_batch(self, org):
        batch = uuid4()
        with owner_scope("maintain", "spring cleaning", batch_id=batch):
            workspace = make_workspace(org)
        entry = entries(workspace)[0]
        assert (entry.actor, entry.surface) == ("system:maintain", "database")
        assert (entry.reason, entry.batch_id) == ("spring cleaning", batch)

    def test_psql_by_its_login(self, org):
        with connection.cursor() as cursor:
            cursor.execute("select session_user::text")
            assert entries(make_workspace(org))[0].actor == f"db:{cursor.fetchone()[0]}"

    def test_a_client_cannot_name_a_job_a_reason_or_a_batch_of_its_own(self, org, owner):
        with api_scope(owner.pk, org.pk):
            for name in ("job", "reason", "batch_id"):
                execute("select set_config(%s, %s, true)", [f"tenantry.{name}", str(uuid4())])
            workspace = make_workspace(org)
        entry = entries(workspace)[0]
        assert (entry.actor, entry.reason, entry.batch_id) == (f"user:{owner.pk}", "", None)

    def test_an_entry_knows_its_transaction_and_its_time(self, org):
        workspace = make_workspace(org)
        with connection.cursor() as cursor:
            cursor.execute("select pg_current_xact_id()::text::bigint, clock_timestamp()")
            transaction_id, now = cursor.fetchone()
        assert entries(workspace)[0].transaction_id == transaction_id
        assert entries(workspace)[0].created_at <= now


class TestEvents:
    def test_an_event_of_a_client_belongs_to_its_own_organization(self, org, other_org, owner):
        with api_scope(owner.pk, org.pk):
            execute("select log_event('report.exported', %s, 'stores', '7', '{\"n\": 1}')", [other_org.pk])
        entry = last_entry(action="report.exported")
        assert (entry.org_id, entry.user_id, entry.table_name, entry.record_id) == (org.pk, owner.pk, "stores", "7")
        assert entry.new_data == {"n": 1}

    def test_a_service_names_the_organization_it_means(self, org):
        with service_scope("sign-in"):
            execute("select log_event('sign_in', %s)", [org.pk])
        assert last_entry(action="sign_in").org_id == org.pk

    def test_an_event_without_organization_is_filed_under_none(self, db):
        execute("select log_event('keys.rotated')")
        assert last_entry(action="keys.rotated").org_id == NO_ORG

    @pytest.mark.parametrize("name", ["INSERT", "Sign_in", "x", "1st", "sign in", "", "a" * 64])
    def test_an_event_has_a_lower_case_name(self, db, name):
        with pytest.raises(DatabaseError, match="an event has a lower-case name"), transaction.atomic():
            execute("select log_event(%s)", [name])

    @pytest.mark.parametrize("role", ["tenantry_api", "tenantry_staff", "tenantry_service"])
    def test_nobody_logs_nothing(self, db, role):
        execute(f"set local role {role}")
        with pytest.raises(DatabaseError, match="nobody is acting"), transaction.atomic():
            execute("select log_event('sign_in')")

    def test_the_door_behind_log_event_is_closed_to_everyone_else(self, org, owner):
        with (
            api_scope(owner.pk, org.pk),
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
        ):
            execute("insert into private.event_door (action) values ('forged')")

    @pytest.mark.parametrize(
        "call",
        [
            "private.write_log('INSERT', 'users', null, null, null, null)",
            "private.seal('x')",
            "private.current_actor()",
            "private.redact('{}', '{}')",
        ],
    )
    def test_the_functions_behind_the_log_cannot_be_called(self, org, owner, call):
        with (
            api_scope(owner.pk, org.pk),
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
        ):
            execute(f"select {call}")


WRITES = {
    "insert": "insert into {} (org_id, actor, surface, action, table_name) values (%(org)s, 'x', 'x', 'x', 'x')",
    "update": "update {} set actor = 'x'",
    "delete": "delete from {}",
    "truncate": "truncate {}",
    "merge": "merge into {} a using (select 1) s on true when matched then delete",
}


REFUSED = "permission denied|row-level security|cannot be changed"


def enter(stack, role, owner, org):
    """Act as one of the roles, with all the claims it can have."""
    match role:
        case "api":
            stack.enter_context(api_scope(owner.pk, org.pk))
        case "staff":
            stack.enter_context(staff_scope(make_superuser().pk, all_orgs=True))
        case "service":
            stack.enter_context(service_scope("test"))
        case "owner":
            stack.enter_context(owner_scope("test"))


class TestNobodyWrites:
    @pytest.mark.parametrize("way", WRITES)
    @pytest.mark.parametrize("role", ["owner", "api", "staff", "service"])
    @pytest.mark.parametrize("partition", [False, True], ids=["log", "partition"])
    def test_the_log_cannot_be_written_to(self, org, owner, role, way, partition):
        table = f"audit_logs_{timezone.now():%Y_%m}" if partition else "audit_logs"
        with ExitStack() as stack:
            enter(stack, role, owner, org)
            # The owner has no policy to update or delete by: no row is touched. The rest is refused.
            if role == "owner" and way in ("update", "delete"):
                assert execute(WRITES[way].format(table)) == 0
            else:
                with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
                    execute(WRITES[way].format(table), {"org": org.pk})
        assert not AuditLog.objects.filter(actor="x").exists()
        assert AuditLog.objects.filter(org_id=org.pk, table_name="workspaces").exists()

    def test_a_trigger_of_a_client_is_no_way_in(self, org, owner):
        with (
            api_scope(owner.pk, org.pk),
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
        ):
            execute("create trigger forge before insert on workspaces execute function audit_trigger_function()")

    def test_the_log_is_read_by_owners_and_admins_for_their_organization_only(self, org, other_org, owner):
        admin = make_member(org, "admin").user
        for person in (owner, admin):
            with api_scope(person.pk, org.pk):
                assert set(AuditLog.objects.values_list("org_id", flat=True)) == {org.pk}

    def test_the_log_is_not_read_by_members_or_services(self, org):
        with api_scope(make_member(org).user_id, org.pk):
            assert not AuditLog.objects.exists()
        with service_scope("test"), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            AuditLog.objects.exists()
