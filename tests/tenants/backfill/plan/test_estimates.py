"""The dry run counts what a run would find, and writes nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from tenants.backfill.plan import counting
from tenants.backfill.plan import steps as steps_of_plan
from tenants.backfill.plan.estimate import estimate_plan, render_estimates
from tenants.models import Conversion, ConversionTable
from tests.factories import make_member, make_org, make_person, org_of
from tests.tenants.backfill.old_schemas import run_sql
from tests.tenants.backfill.plan.plans import PEOPLE_SECTION, open_text, section

pytestmark = pytest.mark.django_db
TABLES = """
create table people (id bigint primary key, email text);
create table orders (id int primary key, user_id bigint, note text);
create table lines (id int primary key, order_id int);
create table logs (id int primary key, line text);
"""


@pytest.fixture
def people():
    """One in an organization of their own, one in two, one in none, one who is no user."""
    ann, bob = make_person(), make_person()
    make_member(make_org(), user=bob)
    run_sql(TABLES)
    rows = f"(1, ' {ann.email.upper()}'), (2, '{bob.email}'), (3, 'nobody@example.org')"
    run_sql(f"insert into people values {rows}")
    run_sql("insert into orders values (1, 1), (2, 1), (3, 2), (4, 3), (5, null), (6, 99)")
    run_sql("insert into lines values (1, 1), (2, 1), (3, 3), (4, null), (5, 77), (6, 6)")
    run_sql("insert into logs select n, 'x' from generate_series(1, 40) n")
    return ann, bob


def plan_text(org, people="", **orders):
    return (
        PEOPLE_SECTION
        + people
        + section("people", "exempt")
        + section("orders", "user:user_id", **orders)
        + section("lines", "parent:order_id->old.orders(id)")
        + section("logs", f"org:{org.slug}")
    )


def estimate(text):
    plan, catalog = open_text(text)
    with connection.cursor() as cursor:
        cursor.execute("savepoint dry; set local transaction_read_only = on")
        found = estimate_plan(plan, catalog, cursor)
        cursor.execute("rollback to dry")
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("tenantry_owner",)
    return {found.table: found for found in found}


def test_rows_are_counted_by_where_they_go(people, org):
    ann, _ = people
    found = estimate(plan_text(org))
    orders, lines, logs = found["old.orders"], found["old.lines"], found["old.logs"]
    assert (orders.rows, orders.nulls, orders.orphans, orders.without_org, orders.many_orgs) == (6, 1, 1, 1, 1)
    assert orders.orgs == {org_of(ann).slug: 2}
    assert (lines.rows, lines.nulls, lines.orphans, lines.many_orgs) == (6, 1, 2, 1)
    assert lines.orgs == {org_of(ann).slug: 2}
    assert (logs.rows, logs.orgs) == (40, {org.slug: 40})
    assert (found["old.people"].rows, found["old.people"].orphans, found["old.people"].many_orgs) == (3, 1, 1)


def test_the_expected_time_is_a_guess_until_a_fill_was_measured_here(people, org):
    assert "a guess: no fill was measured here yet" in render_estimates(estimate(plan_text(org)).values())
    conversion = Conversion.objects.create(number=9_001, schemas=["elsewhere"], plan="")
    began = datetime(2026, 1, 1, tzinfo=UTC)
    ConversionTable.objects.create(
        conversion=conversion,
        name="elsewhere.t",
        oid=1,
        position=0,
        decisions={},
        rows_changed=20_000,
        fill_started_at=began,
        fill_finished_at=began + timedelta(seconds=200_000),
    )
    found = estimate(plan_text(org))
    assert found["old.orders"].seconds == pytest.approx(60, abs=1), "six rows of ten seconds each"
    assert found["old.logs"].seconds < 10, "a constant is not filled"
    assert "by earlier fills here" in render_estimates(found.values())


def test_what_stops_the_run_is_said(people, org):
    found = estimate(plan_text(org))
    assert ['no_org = "stop"' in stop for stop in found["old.orders"].stops] == [True, False]
    assert 'many_orgs = "stop"' in found["old.orders"].stops[1]
    assert "1 people are no users" in found["old.people"].stops[0]
    assert found["old.logs"].stops == ()
    assert 'STOPS: 1 people are no users here, and missing = "stop"' in render_estimates(found.values())


def test_choices_of_the_plan_give_rows_to_organizations(people, org):
    _, bob = people
    text = plan_text(org, 'missing = "create"\n', no_org=f"org:{org.slug}", many_orgs="earliest")
    orders = estimate(text)["old.orders"]
    assert orders.stops == ()
    assert orders.orgs[org.slug] == 2
    assert orders.orgs[org_of(bob).slug] == 1
    assert sum(orders.orgs.values()) == 6


def test_values_that_are_there_are_kept(people, org):
    run_sql(f"alter table orders add org_id uuid; update orders set org_id = '{org.pk}' where id in (3, 5)")
    found = estimate(plan_text(org))
    assert (found["old.orders"].kept, found["old.orders"].orgs[org.slug]) == (2, 2)
    # The line that follows order 3 goes with it.
    assert found["old.lines"].orgs[org.slug] == 1


def test_a_huge_table_is_sampled(people, org, monkeypatch):
    run_sql("insert into orders select n, 1, repeat('x', 100) from generate_series(1000, 30999) n; analyze orders")
    monkeypatch.setattr(counting, "MOST_EXACT", 1_000)
    monkeypatch.setattr(counting, "SAMPLE", 10_000)
    orders = estimate(plan_text(org))["old.orders"]
    assert orders.about
    assert 29_000 < orders.rows < 31_000


def test_the_statements_come_with_their_locks(people, org):
    steps = estimate(plan_text(org))["old.orders"].steps
    assert [step.phase for step in steps[:5]] == ["column", "column", "column", "fill", "fill"]
    assert 'alter table "old"."orders" add column org_id uuid' in steps[0].sql
    assert steps[0].lock == "ACCESS EXCLUSIVE"
    assert "create index concurrently" in steps[5].sql


def test_rights_and_settings_for_the_time_of_the_fill_are_told(people, org):
    run_sql("insert into orders select g, 1 from generate_series(100, 5000) g; create index on orders (user_id)")
    run_sql("analyze orders")
    told = [step.sql for step in estimate(plan_text(org))["old.orders"].steps if step.phase == "fill"]
    assert 'grant select, update ("org_id", "user_id") on "old"."orders" to "tenantry_batch"' in told
    assert 'alter table "old"."orders" set (autovacuum_enabled = false)' in told


def test_the_key_of_a_large_table_comes_after_its_rows(people, org, monkeypatch):
    monkeypatch.setattr(steps_of_plan, "LATE_FROM_BYTES", 0)
    steps = estimate(plan_text(org))["old.orders"].steps
    written = [step.phase for step in steps if "foreign key (org_id)" in step.sql]
    assert written == ["fill"]
    assert [step.phase for step in steps[:4]] == ["column", "column", "fill", "fill"]


def test_an_org_id_of_before_that_names_no_organization_is_said(org, people):
    run_sql("alter table orders add column org_id uuid; update orders set org_id = gen_random_uuid() where id < 3")
    (stop,) = [said for said in estimate(plan_text(org))["old.orders"].stops if "org_id" in said]
    assert stop == "2 rows have an org_id that names no organization: constrain would refuse them"


def test_a_table_whose_policies_ask_for_more_than_we_have_is_not_counted(org, people):
    run_sql(
        "alter table logs enable row level security, force row level security;"
        " create policy own on logs using (line = current_setting('shop.line'))"
    )
    (note,) = [said for said in estimate(plan_text(org))["old.logs"].notes if "not counted" in said]
    assert "unrecognized configuration parameter" in note
