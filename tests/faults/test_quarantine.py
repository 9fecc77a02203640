"""Rows without a decision: kept aside, shown with what could be meant, decided by a person, then converted."""

import json
import re

import psycopg
import pytest

from tests.faults.conftest import MakeGround
from tests.faults.contents import QUARANTINED
from tests.faults.oracle import Oracle, explain
from tests.faults.people import add_crowd
from tests.faults.strange import Strange, build_strange

# One worker for the module: its database is made once, and the tests follow each other.
pytestmark = pytest.mark.xdist_group("faults_quarantine")


@pytest.fixture(scope="module")
def asked(grounds: MakeGround) -> tuple[Strange, Oracle]:
    ground = grounds("asked")
    strange = build_strange(ground, add_crowd(ground), lambda shape: shape.name in QUARANTINED)
    return strange, Oracle(strange)


def lost_rows(oracle: Oracle, name: str) -> int:
    """How many rows of before the plan gives no organization."""
    shape = oracle.by_name[name]
    return sum(oracle.expect(shape, row, {}) is None for row in oracle.before[name])


def test_rows_without_a_decision_are_kept_aside_and_stop_the_constraining(asked: tuple[Strange, Oracle]):
    strange, oracle = asked
    outcome = strange.ground.on_plan("run")
    assert outcome.code == 1, outcome.said
    assert "backfill_org_ids quarantine" in outcome.err
    assert explain(oracle.judge()) == ""
    empty = strange.ground.run("select count(*) from strange.lost where org_id is null")[0][0]
    assert empty == lost_rows(oracle, "lost") > 0


def test_they_are_shown_with_reason_and_candidates(asked: tuple[Strange, Oracle]):
    strange, _ = asked
    told = strange.ground.convert("quarantine", "--json", "--table", "strange.lost", "--limit", "100")
    text = json.dumps(json.loads(told.out))
    for reason in ("no_person", "unknown_person", "no_org", "many_orgs"):
        assert reason in text
    assert strange.crowd.orgs["carl"] in text


def test_an_organization_that_is_none_decides_nothing(asked: tuple[Strange, Oracle]):
    ground = asked[0].ground
    outcome = ground.convert("quarantine", "--table", "strange.lost", "--all", "--decide", "org:nowhere")
    assert outcome.code == 1
    assert "nowhere" in outcome.err


def test_decided_rows_go_where_they_were_decided_to(asked: tuple[Strange, Oracle]):
    strange, oracle = asked
    ground, home = strange.ground, strange.crowd.home_slug
    for table in ("strange.lost", "strange.lost_child"):
        ground.convert("quarantine", "--table", table, "--all", "--decide", f"org:{home}")
    first = ground.on_plan("run")
    if first.code:
        # Children whose parents were decided may find their organization only now.
        ground.convert("quarantine", "--table", "strange.lost_child", "--all", "--decide", f"org:{home}")
        ground.must("run")
    org = oracle.world.slugs[home]
    shape = oracle.by_name["lost"]
    wrong = [row for row in oracle.read(shape) if row.org != (oracle.expect(shape, row, {}) or org)]
    assert wrong == []
    assert (
        ground.run(
            "select count(*) from strange.lost_child c join strange.lost p on p.id = c.up where p.org_id <> c.org_id"
        )[0][0]
        == 0
    )


def test_from_then_on_a_person_without_organization_is_refused_with_a_sentence(asked: tuple[Strange, Oracle]):
    ground = asked[0].ground
    for person in ("null", "999", "6"):
        with pytest.raises(psycopg.Error, match=re.compile("organization", re.IGNORECASE)):
            ground.run_as_app(f"insert into strange.lost (id, user_id) values (5000, {person})")
    ground.run_as_app("insert into strange.lost (id, user_id) values (5001, 1)")
    found = ground.run("select org_id::text from strange.lost where id = 5001")
    assert found == [(asked[0].crowd.orgs["anna"],)]


def test_a_person_met_later_is_decided_at_first_sight(asked: tuple[Strange, Oracle]):
    ground = asked[0].ground
    late = ground.add_person("late@example.org")
    ground.run("insert into strange.people (id, email) values (77, 'Late@Example.org')", role=ground.owner)
    ground.run_as_app("insert into strange.lost (id, user_id) values (5002, 77)")
    assert ground.run("select org_id::text from strange.lost where id = 5002") == [(ground.org_of(late),)]
