"""Every strange table at once, converted by the command, judged by the oracle, and taken back to every phase."""

import json
import re
from dataclasses import dataclass

import pytest

from tenants.backfill.fill.choose import KEYS
from tests.faults.conftest import MakeGround
from tests.faults.contents import QUARANTINED
from tests.faults.ground import Ground
from tests.faults.oracle import Oracle, explain
from tests.faults.people import add_crowd
from tests.faults.snapshot import compare, take_snapshot
from tests.faults.strange import Strange, build_strange

# One worker for the module: its database is made once, and the tests follow each other.
pytestmark = pytest.mark.xdist_group("faults_strange")
PHASES = ("start", "column", "fill", "constrain", "guard", "cutover", "release")
LEFT_OUT = ("org_some", "fixed_some", *QUARANTINED)


@dataclass
class Story:
    """One conversion with what was seen of it on the way."""

    strange: Strange
    oracle: Oracle
    snapshots: dict[str, list[str]]

    @property
    def ground(self) -> Ground:
        return self.strange.ground

    def snap(self) -> list[str]:
        return take_snapshot(self.ground, self.strange.schemas)


@pytest.fixture(scope="module")
def story(grounds: MakeGround) -> Story:
    ground = grounds("strange")
    strange = build_strange(ground, add_crowd(ground), lambda shape: shape.name not in LEFT_OUT)
    story = Story(strange, Oracle(strange), {})
    story.snapshots["start"] = story.snap()
    for until in ("column", "fill", "constrain"):
        ground.must("run", "--until", until)
        story.snapshots[until] = story.snap()
    return story


def phases(story: Story) -> set[str]:
    told = json.loads(story.ground.convert("status", "--json").out)
    return {table["phase"] for table in told["tables"]}


def test_every_row_has_the_organization_that_arithmetic_gives_it(story: Story):
    assert explain(story.oracle.judge()) == ""


def test_the_engine_proves_the_same(story: Story):
    story.ground.must("verify")


def test_no_table_takes_a_row_without_organization(story: Story):
    empty = story.ground.run(
        "select c.oid::regclass::text from pg_class c"
        " join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'"
        " where c.relnamespace = any(array(select oid from pg_namespace where nspname = any(%s)))"
        " and c.relkind in ('r', 'p') and not a.attnotnull",
        [story.strange.schemas],
    )
    assert empty == []


def test_a_run_of_what_is_done_changes_nothing(story: Story):
    story.ground.must("run")
    assert compare(story.snapshots["constrain"], story.snap()) == []


def test_nothing_of_the_time_of_the_fill_is_left(story: Story):
    lines = [line for line in story.snapshots["constrain"] if "tenantry_batch" in line and line.startswith("relation")]
    assert lines == []
    gated = [line for line in story.snapshots["constrain"] if line.startswith("trigger") and "tenantry_batch" in line]
    assert all("fill_org_id" in line for line in gated)


def test_status_counts_each_row_once_and_names_the_plan_to_type(story: Story):
    told = json.loads(story.ground.convert("status", "--json").out)
    counts = {str(s.table): len(story.oracle.before[s.name]) for s in story.strange.shapes}
    # Those that go by pages count by the planner's guess.
    passed = {table["table"]: table["rows_passed"] for table in told["tables"] if table["strategy"] == KEYS}
    assert passed == {name: counts[name] for name in passed}
    assert len(passed) > 1
    assert told["next_command"] == f"manage.py backfill_org_ids guard --plan {story.ground.plan}"


def test_guard_cutover_and_release_leave_the_rows_as_they_were(story: Story):
    """And the kept roles see them, until they are cut over."""
    ground = story.ground
    counts = {s.name: len(rows) for s in story.strange.shapes if (rows := story.oracle.before[s.name])}
    assert "but for COPY FROM" in ground.must("guard").out
    assert explain(story.oracle.judge()) == ""
    seen = {s.name: count_as_app(story, s.table.sql.as_string(None)) for s in story.strange.shapes if s.name in counts}
    assert seen == counts
    story.snapshots["guard"] = story.snap()


def count_as_app(story: Story, table: str) -> int:
    return int(story.ground.run_as_app(f"select count(*) from {table}")[0][0])


def test_verify_finds_the_guard(story: Story):
    story.ground.must("verify")


@pytest.mark.parametrize("phase", ["constrain", "fill", "column", "start"])
def test_rollback_to_a_phase_restores_what_stood_then(story: Story, phase: str):
    story.ground.must("rollback", "--to", phase, "--no-input")
    changed = compare(story.snapshots[phase], story.snap())
    assert not changed, "\n".join(changed)
    # By then some are without org_id again, which is what was asked.
    rows = [f for s in story.strange.shapes for f in story.oracle.compare_rows(s, story.oracle.read(s))]
    assert explain(rows) == ""


def test_after_all_this_it_can_be_converted_again(story: Story):
    story.ground.must("run")
    assert explain(story.oracle.judge()) == ""
    story.ground.must("guard")
    story.ground.must("cutover")
    story.ground.must("release")
    assert explain(story.oracle.judge()) == ""


def test_discover_writes_a_plan_that_the_dry_run_takes(grounds: MakeGround):
    """Of the same schemas: names read back as they were written, and what is undecided can be decided."""
    ground = grounds("discover")
    strange = build_strange(ground, add_crowd(ground), lambda shape: shape.name not in LEFT_OUT)
    ground.plan.unlink()
    schemas = [part for name in strange.schemas for part in ("--schema", name)]
    done = ground.convert("discover", *schemas, "--default-org", strange.crowd.home_slug, "--plan", str(ground.plan))
    assert done.code == 0, done.said
    text = ground.plan.read_text(encoding="utf-8")
    sections = re.findall(r'^\[tables\."(.*)"\]$', text, re.MULTILINE)
    expected = {str(shape.table) for shape in strange.shapes}
    assert expected - {name.replace('\\"', '"').replace("\\\\", "\\") for name in sections} == set()
    ground.plan.write_text(re.sub(r'"undecided"', '"exempt"', text), encoding="utf-8")
    before = take_snapshot(ground, strange.schemas)
    tried = ground.on_plan("plan")
    assert "fault" not in tried.err, tried.said
    assert compare(before, take_snapshot(ground, strange.schemas)) == []
    # The first one notes the decisions that were taken; from then on there is nothing new.
    assert ground.convert("discover", *schemas, "--plan", str(ground.plan)).code == 0
    again = ground.convert("discover", *schemas, "--plan", str(ground.plan))
    assert "Nothing has changed since" in again.out, again.said
