"""The log is complete: whatever changes a row, however, is one entry; and what changes none is none."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, models, transaction

from accounts.models import User
from audit.models import NO_ORG, AuditLog
from tenants.fields import StoredBeginning
from tenants.models import Organization, OrgMember
from tenants.registry import org_models
from tests.audit.tables import BUILDERS, actions, entries, execute, guard_of, logged_models
from tests.factories import make_staff

# Found anew each night, and kept for undo: decisions on findings, and the rows that cleanings remove, are logged.
# Measurements come in by thousands and never change; jobs are their own account of what they did.
UNLOGGED = {"access_findings", "cleaning_rows", "metric_events", "sync_jobs"}
every_table = pytest.mark.parametrize("model", logged_models(), ids=lambda model: model._meta.db_table)


def logged_org_models() -> list[Any]:
    return [model for model in org_models() if model.audited]


def test_every_org_table_and_every_table_of_people_is_logged():
    assert set(logged_models()) >= {*logged_org_models(), Organization, User}
    assert {model._meta.db_table for model in org_models() if not model.audited} == UNLOGGED


def test_every_logged_table_is_built_here():
    assert {model.__name__ for model in logged_models()} - {model.__name__ for model in BUILDERS} == set()


@pytest.fixture
def build(model, org) -> Callable[[], Any]:
    return lambda: BUILDERS[model][0](org)


@pytest.fixture
def row(build):
    """A row that is there before the test looks."""
    built = build()
    built.save(force_insert=True)
    return built


@pytest.fixture
def change(model):
    return BUILDERS[model][1]


@every_table
class TestWays:
    def test_save(self, row):
        assert actions(row) == ["INSERT"]

    def test_bulk_create(self, model, build):
        rows = [build(), build()]
        model._default_manager.bulk_create(rows)
        assert [actions(row) for row in rows] == [["INSERT"], ["INSERT"]]

    def test_queryset_update(self, model, row, change):
        model._default_manager.filter(pk=row.pk).update(**{change.field: change.value})
        assert actions(row) == ["INSERT", "UPDATE"]

    def test_bulk_update(self, model, row, change):
        setattr(row, change.field, change.value)
        model._default_manager.bulk_update([row], [change.field])
        assert actions(row) == ["INSERT", "UPDATE"]

    def test_delete(self, model, row):
        kept = model(pk=row.pk)
        row.delete()
        assert actions(kept) == ["INSERT", "DELETE"]

    def test_raw_sql(self, model, row, change):
        table, key = model._meta.db_table, model._meta.pk.column
        assert execute(f"update {table} set {change.field} = %s where {key} = %s", [change.value, row.pk]) == 1
        assert execute(f"delete from {table} where {key} = %s", [row.pk]) == 1
        assert actions(row) == ["INSERT", "UPDATE", "DELETE"]

    def test_merge(self, model, row, change):
        table, key = model._meta.db_table, model._meta.pk.column
        execute(
            f"merge into {table} t using (select %s::uuid as k) s on t.{key} = s.k"
            f" when matched then update set {change.field} = %s",
            [row.pk, change.value],
        )
        execute(
            f"merge into {table} t using (select %s::uuid as k) s on t.{key} = s.k when matched then delete", [row.pk]
        )
        assert actions(row) == ["INSERT", "UPDATE", "DELETE"]

    def test_on_conflict(self, model, row, change):
        setattr(row, change.field, change.value)
        key = ["org", "id"] if model in org_models() else [model._meta.pk.name]
        model._default_manager.bulk_create(
            [row], update_conflicts=True, unique_fields=key, update_fields=[change.field]
        )
        assert actions(row) == ["INSERT", "UPDATE"]

    def test_truncate(self, model, row):
        execute(f"truncate {model._meta.db_table} cascade")
        logged = AuditLog.objects.filter(action="TRUNCATE", table_name=model._meta.db_table)
        assert [(e.record_id, e.org_id) for e in logged] == [(None, NO_ORG)]


@every_table
class TestEntries:
    def test_nothing_is_logged_of_what_was_rolled_back(self, model, row, change):
        with transaction.atomic():
            model._default_manager.filter(pk=row.pk).update(**{change.field: change.value})
            transaction.set_rollback(True)
        assert actions(row) == ["INSERT"]

    def test_an_update_that_changes_nothing_is_no_entry(self, model, row):
        column = model._meta.pk.column
        execute(f"update {model._meta.db_table} set {column} = {column} where {column} = %s", [row.pk])
        assert actions(row) == ["INSERT"]

    def test_an_update_holds_the_changed_column_before_and_after_and_no_other(self, model, row, change):
        before = getattr(row, change.field)
        model._default_manager.filter(pk=row.pk).update(**{change.field: change.value})
        entry = entries(row)[-1]
        copies = [f.name for f in model._meta.fields if isinstance(f, StoredBeginning) and f.of == change.field]
        assert entry.new_data == {change.field: change.value, **{c: change.value.lower() for c in copies}}
        assert entry.old_data == {change.field: before, **{c: before.lower() for c in copies}}

    def test_an_entry_is_filed_under_the_organization_of_its_row(self, model, row):
        expected = getattr(row, "org_id", row.pk if model is Organization else NO_ORG)
        assert {entry.org_id for entry in entries(row)} == {expected}

    def test_a_deletion_holds_the_whole_row(self, model, row):
        kept = model(pk=row.pk)
        row.delete()
        columns = {field.column for field in model._meta.local_concrete_fields}
        assert set(entries(kept)[-1].old_data or {}) == columns
        assert entries(kept)[-1].new_data is None

    def test_no_redacted_value_enters(self, model, row):
        redacted = guard_of(model).options["redacted"]
        for entry in entries(row):
            assert all((entry.new_data or {})[column] in ("[redacted]", None) for column in redacted)


class TestCascades:
    def test_deleting_an_organization_logs_every_row_that_goes_with_it(self, org):
        rows = [BUILDERS[model][0](org) for model in logged_org_models()]
        for built in rows:
            built.save(force_insert=True)
        Organization.objects.filter(pk=org.pk).update(status="deleting", deleting_since="2026-01-01T00:00Z")
        execute("delete from organizations where id = %s", [org.pk])
        assert {built._meta.db_table: actions(built)[-1] for built in rows} == {
            model._meta.db_table: "DELETE" for model in logged_org_models()
        }

    def test_deleting_a_person_logs_memberships_profile_and_preferences(self, org):
        person = make_staff()
        OrgMember.objects.create(org=org, user=person, joined_at=person.created_at)
        execute("delete from users where id = %s", [person.pk])
        gone = AuditLog.objects.filter(action="DELETE", old_data__user_id=str(person.pk))
        assert set(gone.values_list("table_name", flat=True)) == {"org_members", "user_profiles", "user_preferences"}

    def test_a_key_set_to_null_by_a_deletion_is_an_update(self, org):
        person = make_staff()
        execute("update organizations set created_by_id = %s where id = %s", [person.pk, org.pk])
        execute("delete from users where id = %s", [person.pk])
        assert entries(org)[-1].new_data == {"created_by_id": None}

    def test_what_the_database_provisions_is_logged_as_well(self, db):
        person = User.objects.create(email="fresh@example.org")
        logged = AuditLog.objects.filter(action="INSERT", transaction_id=entries(person)[0].transaction_id)
        tables = {"users", "user_profiles", "user_preferences", "organizations", "org_members", "workspaces"}
        assert set(logged.values_list("table_name", flat=True)) >= tables


class TestRedaction:
    def test_a_changed_secret_is_told_as_changed_without_its_value(self, db):
        person = make_staff()
        User.objects.filter(pk=person.pk).update(password="hash-of-something-else")
        entry = entries(person)[-1]
        assert (entry.old_data, entry.new_data) == ({"password": "[redacted]"}, {"password": "[redacted]"})
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from audit_logs a where a::text like '%%hash-of-something%%'")
            assert cursor.fetchone() == (0,)

    # What looks like a secret by its name, and is none.
    HARMLESS = {
        ("audit_logs", "record_id"),
        ("ai_usage_log", "input_tokens"),
        ("ai_usage_log", "output_tokens"),
        ("conversion_quarantine", "row_key"),
        ("metric_definitions", "key"),
    }
    SECRET = ("password", "token", "secret", "hash", "key", "credential")

    @every_table
    def test_a_column_that_sounds_like_a_secret_is_redacted_or_known_to_be_harmless(self, model):
        sounding = {
            field.column
            for field in model._meta.local_concrete_fields
            if any(word in field.column for word in self.SECRET)
            and (model._meta.db_table, field.column) not in self.HARMLESS
        }
        assert sounding <= set(guard_of(model).options["redacted"])

    @every_table
    def test_a_generated_column_of_a_redacted_one_is_redacted_too(self, model):
        redacted = set(guard_of(model).options["redacted"])
        for field in model._meta.local_concrete_fields:
            parts = list(getattr(field, "expression", models.Value(0)).flatten())
            sources = {getattr(part, "name", "") for part in parts}
            assert not sources & redacted or field.column in redacted

    @every_table
    def test_a_redacted_column_exists(self, model):
        assert set(guard_of(model).options["redacted"]) <= {f.column for f in model._meta.local_concrete_fields}
