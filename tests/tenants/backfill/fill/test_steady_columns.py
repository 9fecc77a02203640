"""Indexed columns that a first pass writes as they are, so that no index searches in vain: where nobody feels it."""

import pytest
from django.db import DatabaseError, connection

from tenants.backfill.derive.expression import read_decisions
from tenants.backfill.fill import statements
from tenants.backfill.fill.relations import Relation, read_relations
from tenants.backfill.fill.statements import hashes_lookup
from tests.tenants.backfill.converting import ROUTES, make_plan, take_to_column
from tests.tenants.backfill.fill.filling import begin_notes, count_wrong, fill, table_of

RIGHTS = """
select count(*) from pg_attribute where attrelid = '{s}.notes'::regclass and attnum > 0 and not attisdropped
    and has_column_privilege('tenantry_batch', attrelid, attnum, 'UPDATE') and attname <> 'org_id'
"""
DIGEST = "select md5(string_agg(row(id, owner_id, body)::text, ',' order by id)) from {s}.notes"
NOTHING = "create function {s}.nothing() returns trigger language plpgsql as 'begin return new; end'"


def read(legacy, table: str = "notes") -> Relation:
    oid = legacy.run("select %s::regclass::oid", [legacy.quote(table)])[0][0]
    with connection.cursor() as db:
        return read_relations(db, oid)[0]


def test_each_index_has_its_first_column(legacy):
    legacy.run("create index on {s}.notes (owner_id, changed); create index on {s}.notes (changed)")
    assert read(legacy).steady == ("changed", "owner_id")
    assert set(read(legacy).closed) == {"changed", "owner_id"}


def test_an_index_without_a_key_of_its_own_has_none(legacy):
    legacy.run("create index on {s}.notes ((owner_id + 1)); create index on {s}.notes using hash (changed)")
    assert read(legacy).steady == ()


def test_columns_of_unique_indexes_are_left_out(legacy):
    """To write one locks its row against those who refer to it."""
    legacy.run("create unique index on {s}.notes (owner_id, id); create index on {s}.notes (owner_id, changed)")
    assert read(legacy).steady == ("changed",)


def test_columns_that_a_trigger_waits_for_are_left_out(legacy):
    legacy.run(NOTHING)
    legacy.run("create index on {s}.notes (owner_id)")
    legacy.run(
        "create trigger looks before update of owner_id on {s}.notes for each row execute function {s}.nothing()"
    )
    assert read(legacy).steady == ()


def test_identities_that_refuse_a_value_are_left_out(legacy):
    legacy.run("alter table {s}.log add entry bigint generated always as identity; create index on {s}.log (entry)")
    assert read(legacy, "log").steady == ()


def test_a_table_that_works_columns_out_has_none(legacy):
    legacy.run("create index on {s}.order_lines (amount)")
    assert read(legacy, "order_lines").steady == ()


@pytest.mark.parametrize("choices", [{}, {"no_org": "quarantine"}])
def test_the_fill_writes_them_and_gives_the_right_to_it_back(legacy, choices):
    legacy.run("create index on {s}.notes (owner_id); create index on {s}.notes (body)")
    conversion = begin_notes(legacy, 3_000, wide=200, **choices)
    before = legacy.run(
        "select md5(string_agg(format('%%s %%s %%s', id, owner_id, body), ',' order by id)) from {s}.notes"
    )
    fill(conversion)
    assert table_of(conversion, "notes").strategy == "hot_passes"
    assert count_wrong(legacy) == 0
    after = legacy.run(
        "select md5(string_agg(format('%%s %%s %%s', id, owner_id, body), ',' order by id)) from {s}.notes"
    )
    assert after == before
    assert legacy.run(RIGHTS) == [(0,)]


def test_an_index_that_comes_during_the_fill_does_not_stop_it(legacy):
    conversion = begin_notes(legacy, 3_000, wide=200)
    asked: list[bool] = []

    def index_once() -> bool:
        if not asked:
            legacy.run("create index on {s}.notes (body)")
        asked.append(True)
        return False

    fill(conversion, should_stop=index_once)
    assert len(asked) > 2
    assert count_wrong(legacy) == 0


def test_after_a_column_was_dropped_the_fill_goes_on(legacy):
    legacy.run("create index on {s}.notes (body)")
    conversion = begin_notes(legacy, 3_000, wide=200)
    asked: list[bool] = []

    def drop_once() -> bool:
        if len(asked) == 3:
            legacy.run("alter table {s}.notes drop column body")
        asked.append(True)
        return False

    with pytest.raises(DatabaseError, match="body"):
        fill(conversion, should_stop=drop_once)
    fill(conversion)
    assert count_wrong(legacy) == 0
    assert legacy.run(RIGHTS) == [(0,)]


@pytest.mark.parametrize(("triggers", "pages", "hashed"), [("gate", 64, True), ("fire", 64, False), ("gate", 0, False)])
def test_few_people_are_joined_by_hash_where_nothing_else_is_planned(legacy, monkeypatch, triggers, pages, hashed):
    monkeypatch.setattr(statements, "HASHED_PAGES", pages)
    table = table_of(begin_notes(legacy, 10), "notes")
    table.decisions["triggers"] = triggers
    ((version,),) = legacy.run("select current_setting('server_version_num')::int")
    # Before 18 there is no join: the server cannot say what a row was.
    assert hashes_lookup(read_decisions(table)) == (hashed and version >= 180000)


def test_children_are_looked_up_one_by_one(legacy):
    """What their parents have not got is derived inside of the statement."""
    conversion = take_to_column(make_plan(legacy, ROUTES))
    assert not hashes_lookup(read_decisions(table_of(conversion, "order_lines")))
