"""Which way through the rows is chosen, and what is said of it."""

import pytest
from django.db import connection

from tenants.backfill.fill.choose import choose_strategy
from tenants.backfill.fill.hot_passes import HotPasses
from tenants.backfill.fill.keysets import KeyBatches
from tenants.backfill.fill.pages import Pages
from tenants.backfill.fill.relations import read_relations


def read(legacy, table: str):
    ((oid,),) = legacy.run(f"select '{{s}}.{table}'::regclass::oid::bigint")
    with connection.cursor() as db:
        return read_relations(db, oid)


def choose(legacy, table: str):
    with connection.cursor() as db:
        return choose_strategy(db, read(legacy, table), constant=False)


def test_a_large_table_is_filled_in_passes(legacy):
    legacy.run("insert into {s}.notes (body) select 'x' from generate_series(1, 5000)")
    legacy.run("analyze {s}.notes")
    assert choose(legacy, "notes").strategy == "hot_passes"


def test_very_wide_rows_are_filled_by_key_with_the_reason(legacy):
    legacy.run("alter table {s}.notes alter body set storage external")
    legacy.run("insert into {s}.notes (body) select repeat('x', 1900) from generate_series(1, 200)")
    legacy.run("analyze {s}.notes")
    chosen = choose(legacy, "notes")
    assert (chosen.strategy, "bytes, too few to a page" in chosen.reason) == ("keyset", True)


def test_without_a_key_there_are_pages(legacy):
    legacy.run("create index on {s}.log (user_id)")
    assert choose(legacy, "log").strategy == "pages"


def test_a_partitioned_table_is_its_leaves(legacy):
    assert [relation.name for relation in read(legacy, "events")] == ["events_new", "events_old"]


@pytest.mark.parametrize("way", [HotPasses, KeyBatches, Pages])
@pytest.mark.parametrize("parts", [1, 4])
@pytest.mark.parametrize("size", [1, 7, 500])
def test_steps_cover_every_row_once(legacy, way, parts, size):
    legacy.run("insert into {s}.orders (region, no) select chr(97 + g % 3), g from generate_series(1, 300) g")
    legacy.run("analyze {s}.orders")
    (relation,) = read(legacy, "orders")
    seen: list[str] = []
    with connection.cursor() as db:
        db.execute("set role none")
        made = way(relation)
        for bounds in made.split(db, parts):
            cursor = None
            while step := made.next_step(db, bounds, cursor, size):
                condition = step.condition("t").as_string(None)
                db.execute(f"select ctid::text from {relation.sql.as_string(None)} as t where {condition}", None)
                seen += [row[0] for row in db.fetchall()]
                cursor = step.cursor
        db.execute("set role tenantry_owner")
    everything = [row[0] for row in legacy.run("select ctid::text from {s}.orders")]
    assert sorted(seen) == sorted(everything)


def test_rows_beyond_the_bound_are_left_to_the_trigger(legacy):
    legacy.run("insert into {s}.orders (region, no) select 'n', g from generate_series(1, 10) g")
    (relation,) = read(legacy, "orders")
    with connection.cursor() as db:
        db.execute("set role none")
        (bounds,) = KeyBatches(relation).split(db, 1)
        db.execute("set role tenantry_owner")
    assert bounds["upto"] == ["n", "10"]


@pytest.mark.parametrize("way", [HotPasses, Pages])
def test_what_is_left_of_a_share_says_nothing_about_the_next_batch(legacy, way):
    legacy.run("insert into {s}.notes (body) select 'x' from generate_series(1, 5000)")
    legacy.run("analyze {s}.notes")
    (relation,) = read(legacy, "notes")
    pages = [0, relation.pages - 1]
    bounds = {"oid": relation.oid, "from": [0, 0], "until": [relation.pages, 0]}
    with connection.cursor() as db:
        steps = [way(relation).next_step(db, {**bounds, "from": [page, 0]}, None, 500) for page in pages]
    assert [step.steers for step in steps] == [True, False]
