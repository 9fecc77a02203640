"""Rows that no rule gives an organization: the plan stops at them, or they wait for a person's decision."""

import pytest

from tenants.backfill.deciding import decide_rows
from tenants.models import QuarantinedRow
from tests.factories import make_member, make_org, make_staff, org_of
from tests.tenants.backfill.converting import make_plan, take_to_column
from tests.tenants.backfill.fill.filling import fill, table_of
from tests.tenants.backfill.legacy import make_people

ROUTES = {"orders": "user:user_id", "order_lines": "parent:region,no->{s}.orders(region,no)"}
PARTS = """
create table {s}.parts (n integer, user_id bigint) partition by list (n);
create table {s}.parts_1 partition of {s}.parts for values in (1);
create table {s}.parts_2 partition of {s}.parts for values in (2);
insert into {s}.parts values (1, null), (2, null), (1, 987654), (2, 987654);
"""
REASONS = {1: "no_person", 2: "unknown_person", 3: "no_org", 4: "many_orgs"}


@pytest.fixture
def lost(legacy):
    """An order without a person, with an unknown one, one in no organization, one in two, and a good one."""
    good, two = make_people(2)
    other = make_member(make_org(), user=two).org
    ids = legacy.add_people(good, two, make_staff(email="none@example.org"))
    for number, person in ((1, None), (3, ids[2]), (4, ids[1]), (5, ids[0])):
        legacy.run("insert into {s}.orders (region, no, user_id) values ('n', %s, %s)", [number, person])
    legacy.run("alter table {s}.orders drop constraint orders_user_id_fkey")
    legacy.run("insert into {s}.orders (region, no, user_id) values ('n', 2, 987654)")
    legacy.run("insert into {s}.order_lines (region, no) select region, no from {s}.orders union all select null, null")
    return {org_of(two).pk, other.pk}


class TestQuarantine:
    def test_holds_each_row_with_its_reason_and_candidates(self, legacy, lost):
        conversion = take_to_column(make_plan(legacy, ROUTES, no_org="quarantine", many_orgs="quarantine"))
        fill(conversion)
        held = QuarantinedRow.objects.filter(table=table_of(conversion, "orders"))
        assert {int(row.row_key["no"]): row.reason for row in held} == REASONS
        assert {frozenset(row.candidates) for row in held} == {frozenset(), frozenset(lost)}
        assert table_of(conversion, "orders").phase == "fill"

    def test_says_what_children_lack(self, legacy, lost):
        conversion = take_to_column(make_plan(legacy, ROUTES, no_org="quarantine", many_orgs="quarantine"))
        fill(conversion)
        held = QuarantinedRow.objects.filter(table=table_of(conversion, "order_lines"))
        reasons = sorted(row.reason for row in held)
        assert reasons == ["no_parent"] + ["parent_without_org"] * 4

    def test_a_decision_is_written_by_the_next_fill_and_children_follow(self, legacy, lost, org):
        conversion = take_to_column(make_plan(legacy, ROUTES, no_org="quarantine", many_orgs="quarantine"))
        fill(conversion)
        orders = table_of(conversion, "orders").name
        assert decide_rows(conversion, org=org.slug, actor="db:tester", table=orders, everything=True) == 4
        conversion.tables.update(phase="column")
        fill(conversion)
        assert legacy.run("select count(*) from {s}.orders where org_id = %s", [org.pk]) == [(4,)]
        assert legacy.run("select count(*) from {s}.order_lines where org_id = %s", [org.pk]) == [(4,)]
        applied = QuarantinedRow.objects.exclude(applied_at=None)
        assert {(row.decided_by, row.decided_org_id) for row in applied} == {("db:tester", org.pk)}
        waiting = QuarantinedRow.objects.filter(applied_at=None)
        assert [row.reason for row in waiting] == ["no_parent"]

    def test_a_row_without_key_is_known_by_its_place(self, legacy):
        legacy.run("insert into {s}.log (user_id) values (null)")
        conversion = take_to_column(make_plan(legacy, {"log": "user:user_id"}, no_org="quarantine"))
        fill(conversion)
        assert QuarantinedRow.objects.get().row_key == {"ctid": "(0,1)"}

    def test_rows_at_the_same_place_of_two_partitions_are_two(self, legacy, org):
        legacy.run(PARTS)
        conversion = take_to_column(make_plan(legacy, {"parts": "user:user_id"}, no_org="quarantine"))
        fill(conversion)
        assert QuarantinedRow.objects.count() == 4
        leaf = str(legacy.run("select '{s}.parts_2'::regclass::oid")[0][0])
        QuarantinedRow.objects.filter(row_key__tableoid=leaf, row_key__ctid="(0,1)").update(decided_org=org)
        conversion.tables.update(phase="column")
        fill(conversion)
        assert legacy.run("select n, user_id from {s}.parts where org_id = %s", [org.pk]) == [(2, None)]


class TestStop:
    def test_parks_the_table_with_counts_and_examples_and_fills_the_rest(self, legacy, lost):
        conversion = take_to_column(make_plan(legacy, ROUTES))
        fill(conversion)
        table = table_of(conversion, "orders")
        assert table.state == "parked"
        assert table.reason.startswith("4 rows have no organization")
        assert "not known here (no 2, region n)" in table.reason
        assert legacy.run("select no from {s}.orders where org_id is not null") == [(5,)]

    def test_leaves_the_children_waiting(self, legacy, lost):
        conversion = take_to_column(make_plan(legacy, ROUTES))
        events = fill(conversion)
        assert any(getattr(e, "reason", "").startswith("its parent is not filled") for e in events)
        assert legacy.run("select count(org_id) from {s}.order_lines") == [(0,)]
