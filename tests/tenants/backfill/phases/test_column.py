"""`column`: from its first moment on, what the old application writes has its organization."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, connection

from tenants.backfill.derive.functions import FillMode
from tenants.backfill.derive.modes import set_fill_mode
from tenants.backfill.phases.column import ColumnRefused, find_fill_trigger, run_column
from tenants.models import Conversion, Phase
from tests.factories import make_org, org_of
from tests.tenants.backfill.converting import LOCK_MS, ROUTES, begin, fill_plainly, make_plan, take_to_column
from tests.tenants.backfill.legacy import Legacy, make_people


def orgs(legacy: Legacy, statement: str) -> list[Any]:
    return [row[0] for row in legacy.run(statement)]


@pytest.fixture
def pair(legacy: Legacy) -> dict[str, Any]:
    """Two people: their keys in the old database, and their organizations."""
    ann, bob = make_people(2)
    one, two = legacy.add_people(ann, bob)
    return {"one": one, "two": two, "ann": org_of(ann).pk, "bob": org_of(bob).pk}


def test_what_the_old_application_writes_has_its_organization(legacy: Legacy, pair: dict[str, Any]):
    take_to_column(make_plan(legacy))
    keys = [pair["one"], pair["two"]]
    legacy.run_as_app("insert into {s}.orders (region, no, user_id) values ('n', 1, %s), ('n', 2, %s)", keys)
    legacy.run_as_app("insert into {s}.order_lines (region, no) values ('n', 2), ('n', 1)")
    legacy.run_as_app("insert into {s}.line_marks (line_id) select id from {s}.order_lines order by id")
    legacy.run_as_app("insert into {s}.events (at, user_id) values ('2024-01-01', %s), ('2026-01-01', %s)", keys)
    assert orgs(legacy, "select org_id from {s}.line_marks order by line_id") == [pair["bob"], pair["ann"]]
    assert orgs(legacy, "select org_id from {s}.events order by at") == [pair["ann"], pair["bob"]]


def test_every_way_of_writing_is_filled(legacy: Legacy, pair: dict[str, Any]):
    legacy.run("insert into {s}.orders (region, no, user_id) values ('old', 1, %s), ('old', 2, %s)", [pair["one"]] * 2)
    take_to_column(make_plan(legacy))
    legacy.run_as_app("update {s}.orders set note = 'seen' where no = 1")
    upsert = "insert into {s}.orders (region, no, user_id) values ('old', 2, %s) on conflict (region, no) do update"
    legacy.run_as_app(upsert + " set user_id = excluded.user_id", [pair["two"]])
    merge = "merge into {s}.orders o using (select 3 as no) x on o.no = x.no when not matched then"
    legacy.run_as_app(merge + " insert (region, no, user_id) values ('old', 3, %s)", [pair["two"]])
    legacy.run_as_app(
        "update {s}.orders o set user_id = p.id from {s}.people p where o.no = 1 and p.id = %s", [pair["two"]]
    )
    assert orgs(legacy, "select org_id from {s}.orders order by no") == [pair["bob"]] * 3


def test_a_trigger_of_the_application_that_changes_the_person_runs_before(legacy: Legacy, pair: dict[str, Any]):
    legacy.run(
        "create function {s}.take_over() returns trigger language plpgsql as"
        f" $$ begin new.user_id := {pair['two']}; return new; end $$;"
        " create trigger set_user before insert on {s}.orders for each row execute function {s}.take_over();"
        " create trigger zz_user before update on {s}.orders for each row execute function {s}.take_over();"
        " create trigger zzz_user before insert on {s}.events_old for each row execute function {s}.take_over()"
    )
    conversion = take_to_column(make_plan(legacy))
    legacy.run_as_app("insert into {s}.orders (region, no, user_id) values ('n', 1, %s)", [pair["one"]])
    legacy.run_as_app("insert into {s}.events (at, user_id) values ('2024-01-01', %s)", [pair["one"]])
    assert orgs(legacy, "select org_id from {s}.orders union all select org_id from {s}.events") == [pair["bob"]] * 2
    assert find_fill_trigger(conversion.tables.get(name="old_shop.events")) == "~fill_org_id_events"


def test_a_parent_that_has_no_organization_yet_is_followed_to_its_person(legacy: Legacy, pair: dict[str, Any]):
    legacy.run("insert into {s}.orders (region, no, user_id) values ('n', 1, %s)", [pair["one"]])
    legacy.run("insert into {s}.order_lines (region, no) values ('n', 1)")
    for table in ("orders", "order_lines", "people"):
        legacy.run(f"alter table {{s}}.{table} enable row level security, force row level security")
        legacy.run(f"create policy old_app on {{s}}.{table} to {legacy.app}, {legacy.owner} using (true)")
    take_to_column(make_plan(legacy))
    legacy.run_as_app("insert into {s}.line_marks (line_id) select id from {s}.order_lines")
    assert orgs(legacy, "select org_id from {s}.line_marks") == [pair["ann"]]
    assert orgs(legacy, "select org_id from {s}.orders") == [None]


def test_a_whole_table_goes_to_one_organization_without_a_row_written(legacy: Legacy):
    org = make_org(slug="the-rates")
    legacy.run("insert into {s}.rates values ('x', 1), ('y', 2)")
    before = legacy.run("select ctid::text, xmin::text from {s}.rates order by code")
    take_to_column(make_plan(legacy, {"rates": "org:the-rates"}))
    assert legacy.run("select ctid::text, xmin::text from {s}.rates order by code") == before
    legacy.run_as_app("insert into {s}.rates values ('z', 3)")
    assert orgs(legacy, "select org_id from {s}.rates") == [org.pk] * 3


def test_a_column_that_stood_before_keeps_its_values(legacy: Legacy, pair: dict[str, Any]):
    kept = make_org().pk
    legacy.run("alter table {s}.orders add column org_id uuid default null")
    legacy.run("insert into {s}.orders (region, no, user_id) values ('n', 1, %s), ('n', 2, %s)", [pair["one"]] * 2)
    legacy.run("update {s}.orders set org_id = %s where no = 1", [kept])
    plan = make_plan(legacy)
    conversion = take_to_column(plan)
    fill_plainly(conversion, plan)
    assert orgs(legacy, "select org_id from {s}.orders order by no") == [kept, pair["ann"]]


@pytest.mark.parametrize("kind", ["text", "uuid generated always as (null::uuid) stored"])
def test_a_column_of_another_kind_is_refused_with_what_to_type(legacy: Legacy, kind: str):
    legacy.run(f"alter table {{s}}.notes add column org_id {kind}")
    with pytest.raises(ColumnRefused, match=r"old_shop\.notes rename column org_id to old_org_id"):
        take_to_column(make_plan(legacy))


def test_running_it_again_changes_nothing(legacy: Legacy):
    plan = make_plan(legacy)
    conversion = take_to_column(plan)
    before = set(conversion.changes.values_list("id", flat=True))
    assert take_to_column(plan) == conversion
    assert set(conversion.changes.values_list("id", flat=True)) == before


def test_nobody_waits_behind_a_lock_that_is_not_to_be_had(legacy: Legacy, stranger: Any):
    plan = make_plan(legacy, {"notes": ROUTES["notes"]})
    conversion = begin(plan)
    stranger.execute("set local role none")
    stranger.execute(f"select count(*) from {legacy.schema}.notes")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run_apart, conversion, plan)
        for number in range(40):
            insert = "set lock_timeout = '400ms'; insert into {s}.notes (body) values (%s); reset lock_timeout"
            legacy.run_as_app(insert, [str(number)])
        assert not running.done()
        stranger.connection.rollback()
        running.result()
    assert conversion.tables.get().phase == Phase.COLUMN


def run_apart(conversion: Conversion, plan: Any) -> None:
    try:
        list(run_column(conversion.tables.get(), plan, lock_ms=20))
    finally:
        connection.close()


class TestStricterModes:
    """What later phases make of the fill trigger."""

    def test_required_refuses_a_row_without_organization_in_a_sentence(self, legacy: Legacy):
        conversion = take_to_column(make_plan(legacy))
        table = conversion.tables.get(name="old_shop.notes")
        set_fill_mode(table, FillMode.REQUIRED, phase=Phase.CONSTRAIN, lock_ms=LOCK_MS)
        with pytest.raises(DatabaseError, match=r"no organization for this row of old_shop\.notes.*owner_id is 77"):
            legacy.run_as_app("insert into {s}.notes (owner_id) values (77)")

    def test_guarded_fills_inserts_and_moves_nothing(self, legacy: Legacy, pair: dict[str, Any]):
        conversion = take_to_column(make_plan(legacy))
        table = conversion.tables.get(name="old_shop.notes")
        set_fill_mode(table, FillMode.GUARDED, phase=Phase.GUARD, lock_ms=LOCK_MS)
        legacy.run_as_app("insert into {s}.notes (owner_id) values (%s)", [pair["one"]])
        with pytest.raises(DatabaseError, match="would move to another organization"):
            legacy.run_as_app("update {s}.notes set owner_id = %s", [pair["two"]])
        legacy.run_as_app("update {s}.notes set body = 'x', owner_id = %s", [pair["one"]])
        assert orgs(legacy, "select org_id from {s}.notes") == [pair["ann"]]
