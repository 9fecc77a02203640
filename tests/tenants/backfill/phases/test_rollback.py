"""`rollback`: the old database is afterwards what it was, whatever a conversion had got to."""

from typing import Any

import pytest
from django.db import connection

from tenants.backfill.changes import find_changes, undo_change
from tenants.backfill.events import Said
from tenants.backfill.phases import column
from tenants.backfill.phases.rollback import roll_back
from tenants.models import Conversion, ConversionState, Phase
from tests.catalog import SNAPSHOT
from tests.factories import make_org
from tests.tenants.backfill.converting import LOCK_MS, ROUTES, add_columns, begin, fill_plainly, make_plan, rows
from tests.tenants.backfill.legacy import Legacy, make_people

# What a GRANT and its REVOKE leave is the default, written out.
EFFECTIVE = SNAPSHOT | {
    "relations": SNAPSHOT["relations"].replace(
        "c.relacl::text", "coalesce(c.relacl, acldefault('r', c.relowner))::text"
    ),
    "schemas": SNAPSHOT["schemas"].replace(
        "pg_get_userbyid(n.nspowner)", "coalesce(n.nspacl, acldefault('n', n.nspowner))::text"
    ),
}
DATA = ("orders", "order_lines", "notes", "events", "rates", "log")


def take_all(legacy: Legacy) -> dict[str, Any]:
    found: dict[str, Any] = {kind: set(map(str, rows(query))) for kind, query in EFFECTIVE.items()}
    for table in DATA:
        found[table] = legacy.run(f"select ctid::text, xmin::text, * from {{s}}.{table} order by tableoid, ctid")
    return found


@pytest.fixture
def before(legacy: Legacy) -> dict[str, Any]:
    """A little of everything, row security on a parent and on the people table, and how all of it stands."""
    one, two = legacy.add_people(*make_people(2))
    legacy.run("insert into {s}.orders (region, no, user_id) values ('n', 1, %s), ('n', 2, %s)", [one, two])
    legacy.run("insert into {s}.order_lines (region, no) values ('n', 1), ('n', 2)")
    legacy.run("insert into {s}.events (at, user_id) values ('2024-01-01', %s)", [one])
    for table in ("orders", "people"):
        legacy.run(f"alter table {{s}}.{table} enable row level security")
        legacy.run(f"create policy old_app on {{s}}.{table} to {legacy.app} using (true)")
    make_org(slug="the-rates")
    return take_all(legacy)


PLAN = ROUTES | {"rates": "org:the-rates"}


def undo(conversion: Conversion, to: Phase = Phase.START) -> None:
    list(roll_back(conversion, to=to, lock_ms=LOCK_MS))


def test_nothing_is_left_of_a_conversion(legacy: Legacy, before: dict[str, Any]):
    plan = make_plan(legacy, PLAN)
    conversion = begin(plan)
    add_columns(conversion, plan)
    legacy.run_as_app("insert into {s}.rates values ('x', 1)")
    assert legacy.run("select count(*) from {s}.rates where org_id is not null") == [(1,)]
    legacy.run("delete from {s}.rates")
    undo(conversion)
    after = take_all(legacy)
    assert {kind for kind in before if after[kind] != before[kind]} == set()
    conversion.refresh_from_db()
    assert conversion.state == ConversionState.UNDONE


@pytest.mark.parametrize("step", ["add_column", "add_fill_trigger", "add_unchecked_keys", "_keep_phase"])
def test_a_half_done_column_is_taken_back(
    legacy: Legacy, before: dict[str, Any], step: str, monkeypatch: pytest.MonkeyPatch
):
    class Killed(Exception):
        pass

    go_on = getattr(column, step)

    def die(table: Any, *more: Any, **options: Any) -> None:
        if "order_lines" in table.name:
            raise Killed
        go_on(table, *more, **options)

    plan = make_plan(legacy, PLAN)
    conversion = begin(plan)
    with monkeypatch.context() as patched:
        patched.setattr(column, step, die)
        with pytest.raises(Killed):
            add_columns(conversion, plan)
    undo(conversion)
    after = take_all(legacy)
    assert {kind for kind in before if after[kind] != before[kind]} == set()


def test_an_interrupted_rollback_goes_on(legacy: Legacy, before: dict[str, Any]):
    plan = make_plan(legacy, PLAN)
    conversion = begin(plan)
    add_columns(conversion, plan)
    for change in list(find_changes(conversion, down_to=Phase.START))[:9]:
        undo_change(change, lock_ms=LOCK_MS)
    undo(conversion)
    after = take_all(legacy)
    assert {kind for kind in before if after[kind] != before[kind]} == set()


def test_after_a_rollback_the_same_plan_begins_anew(legacy: Legacy, before: dict[str, Any]):
    plan = make_plan(legacy, PLAN)
    first = begin(plan)
    add_columns(first, plan)
    undo(first)
    second = begin(plan)
    add_columns(second, plan)
    fill_plainly(second, plan)
    assert second.number == first.number + 1
    assert legacy.run("select count(*) from {s}.order_lines where org_id is null") == [(0,)]


def test_back_at_column_the_trigger_still_fills(legacy: Legacy, before: dict[str, Any]):
    plan = make_plan(legacy, PLAN)
    conversion = begin(plan)
    add_columns(conversion, plan)
    undo(conversion, Phase.COLUMN)
    legacy.run_as_app("insert into {s}.order_lines (region, no) values ('n', 1)")
    assert legacy.run("select count(*) from {s}.order_lines where org_id is not null") == [(1,)]
    assert {t.phase for t in conversion.tables.all()} == {Phase.COLUMN}
    assert connection.is_usable()


def test_a_rollback_that_was_interrupted_lets_a_run_go_on_as_well(legacy: Legacy, before: dict[str, Any]):
    plan = make_plan(legacy, PLAN)
    conversion = begin(plan)
    add_columns(conversion, plan)
    going = roll_back(conversion, to=Phase.START, lock_ms=LOCK_MS)
    for _ in range(7):
        next(going)
    going.close()
    add_columns(conversion, plan)
    fill_plainly(conversion, plan)
    assert legacy.run("select count(*) from {s}.order_lines where org_id is null") == [(0,)]
    undo(conversion)
    after = take_all(legacy)
    assert {kind for kind in before if after[kind] != before[kind]} <= {"orders", "order_lines", "events"}


def test_a_column_that_stood_before_stays(legacy: Legacy):
    legacy.run("alter table {s}.notes add column org_id uuid")
    conversion = begin(plan := make_plan(legacy))
    add_columns(conversion, plan)
    said = [e.sentence for e in roll_back(conversion, to=Phase.START, lock_ms=LOCK_MS) if isinstance(e, Said)]
    assert said == ["had an org_id before: the column stays"]
    assert legacy.run("select count(org_id) from {s}.notes") == [(0,)]
