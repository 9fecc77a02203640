"""People and parents are found whatever the types of the columns that name them."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from tenants.backfill.catalog.model import Catalog
from tenants.backfill.names import TableName
from tenants.backfill.people.mapping import map_people
from tenants.backfill.phases.column import run_column
from tenants.backfill.phases.start import PlanConflict, open_conversion
from tenants.backfill.plan.model import PeoplePlan, Plan, TablePlan, read_route
from tenants.backfill.reading import ReadingRefused
from tenants.models import Conversion, Organization
from tests.factories import org_of
from tests.tenants.backfill.converting import LOCK_MS, begin, make_plan, take_to_column
from tests.tenants.backfill.legacy import Legacy, make_people


def take_one(legacy: Legacy, route: str, people: PeoplePlan | None) -> Conversion:
    """Convert the table `t` alone."""
    name = TableName(legacy.schema, "t")
    plan = Plan((legacy.schema,), {name: TablePlan(name, read_route(route))}, people)
    conversion = open_conversion(plan, Catalog(plan.schemas, {}), actor="test")
    list(map_people(conversion, plan))
    list(run_column(conversion.tables.get(), plan, lock_ms=LOCK_MS))
    return conversion


@pytest.mark.parametrize("kind", ["uuid", "text", "varchar(40)", "char(36)"])
def test_without_a_people_table_columns_hold_our_users(legacy: Legacy, kind: str):
    (ann,) = make_people(1)
    legacy.run(f"create table {{s}}.t (who {kind})")
    take_one(legacy, "user:who", None)
    (late,) = make_people(1)
    found = legacy.run("insert into {s}.t values (%s), (%s) returning org_id", [str(ann.pk), str(late.pk)])
    assert found == [(org_of(ann).pk,), (org_of(late).pk,)]


@pytest.mark.parametrize("key", ["smallint", "bigint", "numeric(12)", "text", "char(9)", "{s}.tag"])
@pytest.mark.parametrize("column", ["integer", "bigint", "text", "char(9)"])
def test_a_key_and_a_column_of_any_two_kinds_meet(legacy: Legacy, key: str, column: str):
    (ann,) = make_people(1)
    legacy.run("create domain {s}.tag as varchar(9)")
    legacy.run(f"create table {{s}}.old_people (id {key} primary key, mail text); create table {{s}}.t (who {column})")
    legacy.run("insert into {s}.old_people values ('17', %s)", [ann.email])
    legacy.run("insert into {s}.t values ('17'), ('18'), (null)")
    conversion = take_one(legacy, "user:who", PeoplePlan(TableName(legacy.schema, "old_people"), "email:mail"))
    found = legacy.run("insert into {s}.t values ('17'), ('18'), (null) returning org_id")
    assert [row[0] for row in found] == [org_of(ann).pk, None, None]
    legacy.run("update {s}.t set who = who where org_id is null")
    assert legacy.run("select count(*) from {s}.t where org_id is not null") == [(2,)]
    assert conversion.people_type


def test_who_is_made_by_id_keeps_it(legacy: Legacy):
    legacy.run("create table {s}.old_people (id uuid primary key, email text); create table {s}.t (who uuid)")
    key = "0196f2a0-0000-7000-8000-000000000001"
    take_one(legacy, "user:who", PeoplePlan(TableName(legacy.schema, "old_people"), "id", "create"))
    legacy.run("insert into {s}.old_people values (%s, 'a@example.org')", [key])
    (found,) = legacy.run("insert into {s}.t values (%s) returning org_id", [key])
    assert found[0] == Organization.objects.get(created_by_id=UUID(key)).pk


def test_an_organization_deleted_later_does_not_break_the_old_application(legacy: Legacy):
    (ann,) = make_people(1)
    (one,) = legacy.add_people(ann)
    take_to_column(make_plan(legacy))
    Organization.objects.filter(pk=org_of(ann).pk).update(status="deleting", deleting_since="2026-01-01T00:00Z")
    Organization.objects.filter(created_by=ann).delete()
    assert legacy.run_as_app("insert into {s}.orders values ('n', 1, %s) returning org_id", [one]) == [(None,)]


def test_a_stricter_isolation_derives_too(legacy: Legacy):
    take_to_column(make_plan(legacy))
    (ann,) = make_people(1)
    (one,) = legacy.add_people(ann)
    with transaction.atomic():
        connection.cursor().execute("set transaction isolation level serializable")
        found = legacy.run_as_app("insert into {s}.orders values ('n', 1, %s) returning org_id", [one])
    assert found == [(org_of(ann).pk,)]


def test_a_parent_that_restrictive_policies_hide_is_refused(legacy: Legacy):
    legacy.run("alter table {s}.orders enable row level security")
    legacy.run("create policy narrow on {s}.orders as restrictive using (note is null)")
    with pytest.raises(ReadingRefused, match=r"old_shop\.orders has restrictive policies for everyone \(narrow\)"):
        take_to_column(make_plan(legacy))


def test_a_route_changed_after_the_column_is_refused(legacy: Legacy):
    routes: dict[str, Any] = {"orders": "user:user_id", "notes": "user:owner_id"}
    take_to_column(make_plan(legacy, routes))
    begin(make_plan(legacy, routes, no_org="quarantine"))
    with pytest.raises(PlanConflict, match=r"old_shop\.notes was begun by route user:owner_id"):
        begin(make_plan(legacy, routes | {"notes": "user:id"}))
