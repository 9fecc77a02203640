"""The foreign key of a large table comes when its rows are written, and holds them all the same."""

from uuid import UUID

import pytest
from django.db import connection

from tenants.backfill.events import Parked, Said
from tenants.backfill.fill import rounds
from tenants.backfill.phases import org_key
from tenants.backfill.phases.column import run_column
from tenants.backfill.phases.rollback import roll_back
from tenants.models import Phase, QuarantinedRow
from tests.tenants.backfill.converting import LOCK_MS, begin, make_plan, rows, take_to_column
from tests.tenants.backfill.fill.filling import begin_notes, count_wrong, fill
from tests.tenants.backfill.legacy import make_people

KEYS = "select convalidated from pg_constraint where contype = 'f' and conname = %s and conrelid = %s::regclass"


@pytest.fixture(autouse=True)
def all_are_large(monkeypatch):
    monkeypatch.setattr(org_key, "LATE_FROM_BYTES", 0)
    monkeypatch.setattr(rounds, "PAGES_PER_SHARE", 10)


def find_keys(legacy, table="notes"):
    """Whether each is validated."""
    return [validated for (validated,) in rows(KEYS, f"fk_{table}_org_id", legacy.quote(table))]


def test_it_stands_when_the_rows_are_filled_and_not_before(legacy):
    conversion = begin_notes(legacy, 1_000)
    assert find_keys(legacy) == []
    fill(conversion)
    assert find_keys(legacy) == [False]
    assert count_wrong(legacy) == 0


def test_the_column_says_so(legacy):
    plan = make_plan(legacy, {"notes": "user:owner_id"})
    conversion = begin(plan)
    events = [e for table in conversion.tables.all() for e in run_column(table, plan, lock_ms=LOCK_MS)]
    assert [e.sentence for e in events if isinstance(e, Said)] == [
        "is large: its foreign key comes when its rows are written"
    ]


def test_of_a_small_table_it_stands_from_the_beginning(legacy, monkeypatch):
    monkeypatch.setattr(org_key, "LATE_FROM_BYTES", 1_000_000)
    begin_notes(legacy, 1_000)
    assert find_keys(legacy) == [False]


def test_of_a_table_whose_rows_nobody_writes_it_stands_from_the_beginning(legacy, org):
    take_to_column(make_plan(legacy, {"rates": f"org:{org.slug}"}))
    assert find_keys(legacy, "rates") == [False]


def test_every_partition_has_it(legacy):
    ids = legacy.add_people(*make_people(1))
    legacy.run(
        "insert into {s}.events (at, user_id) select date '2024-06-01' + g, %s from generate_series(1, 400) g", ids
    )
    fill(take_to_column(make_plan(legacy, {"events": "user:user_id"})))
    leaves = "select count(*) from pg_constraint where contype = 'f' and conrelid = any(%s::regclass[])"
    wanted = [legacy.quote("events_old"), legacy.quote("events_new")]
    assert rows(
        leaves + " and conkey = array[(select attnum from pg_attribute where attrelid = conrelid"
        " and attname = 'org_id')]",
        wanted,
    ) == [(2,)]


def test_it_goes_with_the_fill_that_is_rolled_back_and_comes_again(legacy):
    conversion = begin_notes(legacy, 1_000)
    fill(conversion)
    list(roll_back(conversion, to=Phase.COLUMN, lock_ms=LOCK_MS))
    assert find_keys(legacy) == []
    conversion.refresh_from_db()
    fill(conversion)
    assert find_keys(legacy) == [False]


def test_rows_of_an_organization_that_is_erased_meanwhile_have_none(legacy):
    conversion = begin_notes(legacy, 2_000)
    events = fill(conversion, should_stop=erase_an_organization(legacy))
    assert [e for e in events if isinstance(e, Parked)]
    assert find_keys(legacy) == [False]
    assert legacy.run("select count(org_id), count(*) from {s}.notes") == [(1_000, 2_000)]
    legacy.run("alter table {s}.notes validate constraint fk_notes_org_id")


def test_they_go_to_quarantine_where_the_plan_says_so(legacy):
    conversion = begin_notes(legacy, 2_000, no_org="quarantine")
    fill(conversion, should_stop=erase_an_organization(legacy))
    assert QuarantinedRow.objects.filter(table__conversion=conversion).count() == 1_000


def erase_an_organization(legacy):
    """Once half of the rows are written; asked between batches, and never says stop."""
    done: list[UUID] = []

    def look() -> bool:
        written = legacy.run("select count(org_id) from {s}.notes")[0][0]
        if written > 1_000 and not done:
            done.append(legacy.run("select org_id from {s}.notes where org_id is not null limit 1")[0][0])
            with connection.cursor() as cursor:
                cursor.execute(
                    "update organizations set status = 'deleting', deleting_since = now() where id = %s", done
                )
                cursor.execute("delete from organizations where id = %s", done)
        return False

    return look
