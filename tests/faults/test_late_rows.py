"""Rows that find no organization after their table was filled, and rows that people decided without a good key."""

import pytest

from tests.faults.ground import Ground
from tests.faults.people import Crowd, add_crowd
from tests.faults.strange import PEOPLE_TABLE, compose_people

KEYS = {
    "a primary key that is checked at the end": "id int primary key deferrable",
    "the narrowest of several keys, not the first by name": "id int not null unique, a int not null default 1,"
    " constraint a_first unique (a, id)",
    "no key": "id int",
}


def convert(ground: Ground, columns: str, rows: str) -> Crowd:
    """A table of notes under a plan that keeps aside what nobody owns."""
    crowd = add_crowd(ground)
    ground.build("old", f"{PEOPLE_TABLE}{compose_people()} create table notes ({columns}, user_id bigint); {rows}")
    section = {"route": "user:user_id", "no_org": "quarantine", "keep": [ground.app, ground.owner]}
    people = {"table": "old.people", "match": "email:email"}
    ground.write_plan(["old"], {"old.people": {"route": "exempt"}, "old.notes": section}, people)
    return crowd


def decide_for_home(ground: Ground, crowd: Crowd) -> None:
    assert ground.convert("quarantine", "--all", "--decide", f"org:{crowd.home_slug}").code == 0


def test_a_row_of_nobody_that_came_after_the_fill_is_taken_up_by_the_next_run(ground: Ground):
    crowd = convert(ground, "id int primary key", "insert into notes values (1, 1), (2, 2);")
    ground.must("run", "--until", "fill")
    ground.run_as_app("insert into old.notes values (3, null)")
    assert "backfill_org_ids quarantine" in ground.on_plan("run").err
    decide_for_home(ground, crowd)
    ground.must("run")
    ground.must("verify")


@pytest.mark.parametrize("key", KEYS)
def test_what_a_person_decided_is_proved_of_a_table_with(ground: Ground, key: str):
    crowd = convert(ground, KEYS[key], "insert into notes (id, user_id) values (1, 1), (2, null), (3, null);")
    assert ground.on_plan("run").code == 1
    decide_for_home(ground, crowd)
    ground.must("run")
    ground.must("verify")
    homeless = "update old.notes set org_id = %s where user_id is null"
    ground.run(homeless, [crowd.orgs["carl"]])
    assert "2 rows are in another organization" in ground.on_plan("verify").err + ground.on_plan("verify").out
