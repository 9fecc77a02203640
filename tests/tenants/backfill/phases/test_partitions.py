"""Partitions come and go while their table is converted: the old application makes them, and drops them, as ever."""

from collections.abc import Iterator

import pytest

from tenants.backfill.changes import find_changes
from tenants.models import Conversion, Phase
from tests.tenants.backfill.legacy import run_as
from tests.tenants.backfill.phases.converting import Shop, shop, snapshot

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(transactional_db: None) -> Iterator[Shop]:
    with shop("old_parts") as made:
        yield made


def make_partition(made: Shop, year: int) -> None:
    """As its owner, who is no member of ours: one made, one filled beside and attached."""
    bounds = f"for values from ('{year}-01-01') to ('{year}-06-30')"
    rest = f"for values from ('{year}-06-30') to ('{year + 1}-01-01')"
    statements = (
        f"create table old_parts.events_{year} partition of old_parts.events {bounds};"
        f"create table old_parts.rest_{year} (like old_parts.events including all excluding identity);"
        f"alter table old_parts.events attach partition old_parts.rest_{year} {rest}"
    )
    run_as(made.legacy.owner, statements)


def test_their_owner_makes_them_in_every_phase(made: Shop) -> None:
    for year, step in enumerate((made.add_columns, made.guard, made.cut_over, made.release), 2030):
        step()
        make_partition(made, year)
    org = "insert into {s}.events (at, user_id, org_id) values ('2030-02-02', 1, %s) returning tableoid::regclass::text"
    assert made.run(org, [made.ours.pk]) == [("old_parts.events_2030",)]


def test_a_row_in_a_new_partition_has_its_organization(made: Shop) -> None:
    made.add_columns()
    make_partition(made, 2030)
    rows = "insert into {s}.events (at, user_id) values ('2030-02-02', 1), ('2030-11-11', 2) returning org_id"
    assert made.run(rows) == [(made.ours.pk,), (made.theirs.pk,)]


def test_one_that_was_dropped_keeps_nobody_from_going_back(made: Shop) -> None:
    run_as(made.legacy.owner, "create table old_parts.events_last partition of old_parts.events default")
    made.guard()
    run_as(made.legacy.owner, "drop table old_parts.events_last")
    made.roll_back(Phase.START)
    assert list(find_changes(Conversion.objects.latest("number"), down_to=Phase.START)) == []
    columns = {row[:2] for row in snapshot()["columns"]}
    assert not columns & {(table, "org_id") for table in ("events", "events_old", "events_new")}
