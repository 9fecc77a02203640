"""The switches that our backend turns: one test each."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Count
from django.test.utils import isolate_apps

from audit.models import AuditLog
from postgres.constraints import StatementsConstraint
from postgres.keys import CompositeKey
from postgres.names import literal, quote
from tenants.models import Organization, Store, Workspace
from tests.databases import login_session
from tests.factories import make_store


def ask(statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()


@pytest.mark.django_db(transaction=True)
def test_a_session_acts_as_the_owner_role_in_our_schema():
    connection.close()
    assert ask("select current_user::text, current_setting('search_path')") == ("tenantry_owner", "public")
    assert ask("select session_user::text")[0] != "tenantry_owner"


@pytest.mark.django_db(transaction=True)
def test_a_session_reads_as_ever_whatever_a_database_says_to_its_applications():
    said = {"datestyle": "SQL, DMY", "intervalstyle": "iso_8601", "statement_timeout": "7s", "bytea_output": "escape"}
    database = quote(connection.settings_dict["NAME"])
    with login_session() as session:
        for name, value in said.items():
            session.execute(f"alter database {database} set {name} = {literal(value)}")
        try:
            connection.close()
            assert ask("select now(), interval '1 day 2 hours'")[1] == timedelta(days=1, hours=2)
            assert ask("select current_setting('statement_timeout'), '\\x00'::bytea::text") == ("0", "\\x00")
        finally:
            for name in said:
                session.execute(f"alter database {database} reset {name}")
            connection.close()


def test_the_maintenance_database_is_met_as_the_plain_login(db):
    with connection._nodb_cursor() as cursor:
        cursor.execute("select current_user = session_user")
        assert cursor.fetchone() == (True,)


def test_a_group_by_names_every_column_where_the_key_is_a_pair(org):
    make_store(org)
    counted = Workspace.objects.annotate(n=Count("stores")).filter(org=org)
    assert [w.n for w in counted] == [1]
    assert '"workspaces"."name"' in str(counted.query).split("GROUP BY")[1]


def test_a_group_by_of_a_plain_key_stays_short(org):
    counted = Organization.objects.annotate(n=Count("members"))
    assert '"organizations"."name"' not in str(counted.query).split("GROUP BY")[1]
    assert counted.get(pk=org.pk).n == 1


def test_foreign_keys_are_checked_at_once_and_carry_their_on_delete(db):
    with connection.cursor() as cursor:
        cursor.execute("select conname, condeferrable from pg_constraint where contype = 'f' and condeferrable")
        assert cursor.fetchall() == []
    on_delete = "select confdeltype from pg_constraint where conrelid = %s::regclass and confrelid = %s::regclass"
    assert ask(on_delete, ["users", "organizations"]) == ("n",)
    assert ask(on_delete, ["user_profiles", "users"]) == ("c",)


def test_a_flush_leaves_append_only_tables_alone(db):
    statements = connection.ops.sql_flush(no_style(), ["users", "audit_logs"], allow_cascade=True)
    assert "users" in " ".join(statements)
    assert "audit_logs" not in " ".join(statements)


@pytest.mark.django_db(transaction=True)
def test_the_flush_command_works_and_keeps_the_log():
    Organization.objects.create(slug="flushed", name="Flushed")
    before = AuditLog.objects.count()
    call_command("flush", interactive=False, verbosity=0)
    assert not Organization.objects.exists()
    assert AuditLog.objects.count() >= before


@isolate_apps("tenants")
def test_a_composite_key_is_written_with_its_table(db):
    class Pair(models.Model):  # noqa: DJ008
        id = CompositeKey(columns=("lead", "id"))
        lead = models.UUIDField()

        class Meta:
            app_label = "tenants"
            db_table = "pairs"

    with connection.schema_editor() as editor:
        editor.create_model(Pair)
    assert ask("select pg_get_constraintdef(oid) from pg_constraint where conname = 'pairs_pkey'") == (
        "PRIMARY KEY (lead, id)",
    )
    row = Pair._default_manager.create(lead="00000000-0000-0000-0000-000000000001")
    assert Pair._default_manager.get(pk=row.pk) == row


@isolate_apps("tenants")
def test_a_key_that_partitions_makes_a_partitioned_table(db):
    class Event(models.Model):  # noqa: DJ008
        id = CompositeKey(columns=("lead", "at", "id"), partition_by="at")
        lead = models.UUIDField()
        at = models.DateTimeField()

        class Meta:
            app_label = "tenants"
            db_table = "scratch_events"

    with connection.schema_editor() as editor:
        editor.create_model(Event)
    assert ask("select pg_get_partkeydef('scratch_events'::regclass)") == ("RANGE (at)",)
    assert ask("select pg_get_constraintdef(oid) from pg_constraint where conname = 'scratch_events_pkey'") == (
        "PRIMARY KEY (lead, at, id)",
    )


class Percent(StatementsConstraint):
    """Statements with a percent sign, which a cursor would take for a placeholder."""

    def create_statements(self, model):
        return ["comment on table stores is '100 % ours'"]

    def remove_statements(self, model):
        return ["comment on table stores is '0 %s ours'"]


def test_statements_with_a_percent_sign_are_run_as_they_are(db):
    comment = "select obj_description('stores'::regclass)"
    with connection.schema_editor() as editor:
        editor.add_constraint(Store, Percent(name="percent"))
        assert ask(comment) == ("100 % ours",)
        editor.remove_constraint(Store, Percent(name="percent"))
        assert ask(comment) == ("0 %s ours",)


def test_a_failed_key_is_an_error_of_its_statement_and_not_of_the_commit(org):
    with transaction.atomic():
        with pytest.raises(DatabaseError), transaction.atomic():
            Organization.objects.filter(pk=org.pk).update(created_by="00000000-0000-0000-0000-000000000009")
        assert Organization.objects.filter(pk=org.pk).exists()
