"""Discovering again: decisions stay, what is new is marked, what is gone is named."""

from dataclasses import replace

import pytest

from tenants.backfill.plan.model import read_route
from tenants.backfill.plan.read import read_plan
from tenants.backfill.plan.write import write_plan
from tests.tenants.backfill.old_schemas import PEOPLE, comment_of, decide, decisions_of, discover, route_of, run_sql

pytestmark = pytest.mark.django_db
TABLES = PEOPLE + (
    "create table a (id int primary key, user_id bigint references people);"
    "create table b (author_id bigint references people, owner_id bigint references people);"
)


def written(plan):
    return read_plan(write_plan(plan))


def test_the_same_catalog_gives_the_same_text():
    text = write_plan(discover(TABLES))
    assert write_plan(discover(previous=read_plan(text))) == text


def test_decisions_stay_to_the_letter():
    plan = decide(discover(TABLES), "b", route=read_route("user:author_id"), keep=("z", "a"), triggers="fire")
    plan = replace(plan, people=replace(plan.people, missing="create"))
    run_sql("alter table b add column user_id bigint not null references people")
    again = discover(previous=written(plan))
    kept = decisions_of(again, "b")
    assert (str(kept.route), kept.keep[:2], kept.triggers) == ("user:author_id", ("z", "a"), "fire")
    assert again.people.missing == "create"
    assert again.fingerprint != plan.fingerprint


def test_what_was_undecided_is_looked_at_again():
    plan = written(discover(TABLES))
    assert route_of(plan, "b") == "undecided"
    run_sql("alter table b alter column owner_id set not null")
    assert route_of(discover(previous=plan), "b") == "user:owner_id"


def test_new_tables_and_roles_are_marked_and_lost_tables_named():
    plan = written(discover(TABLES))
    run_sql("create table c (user_id bigint); drop table b; grant select on a to pg_monitor")
    again = discover(previous=plan)
    assert comment_of(again, "c").startswith("NEW")
    assert "NEW: the role pg_monitor" in comment_of(again, "a")
    assert decisions_of(again, "a").keep[-1] == "pg_monitor"
    assert "old.b" in again.comments["end"][0]
    # It stays named until a person takes it out.
    assert "old.b" in written(again).comments["end"][0]


def test_comments_of_a_person_stay():
    text = write_plan(discover(TABLES))
    mine = text.replace('[tables."old.a"]\n', '[tables."old.a"]\n# Asked Ann, ticket 7.\n').replace(
        '"user:user_id"', '"user:user_id" # sure'
    )
    mine += "\n# Reviewed by Bo.\n"
    again = write_plan(discover(previous=read_plan(mine)))
    assert "# Reviewed by Bo.\n" in again
    assert "# Asked Ann, ticket 7.\n# sure\nclass" in again
    assert write_plan(discover(previous=read_plan(again))) == again
