"""What the command refuses: before anything is written, in a sentence that names the place and the way on."""

import re
from typing import Any

import psycopg
import pytest

from config.embedded.places import SUPERUSER
from tests.databases import login_dsn
from tests.faults.conftest import MakeGround
from tests.faults.ground import Ground, Outcome
from tests.faults.people import Crowd, add_crowd
from tests.faults.snapshot import compare, take_snapshot
from tests.faults.strange import PEOPLE_TABLE, compose_people

# One worker for the module: its database is made once.
pytestmark = pytest.mark.xdist_group("faults_refusals")
TABLES = """
create table notes (id int primary key, user_id bigint references people, body text);
create table marks (id int primary key, note_id int not null references notes, other_id int references notes);
create table "Odd" (id int primary key, user_id bigint);
insert into notes select i, 1 + i % 3, 'n' from generate_series(1, 9) as i;
insert into marks select i, i, i from generate_series(1, 9) as i;
insert into "Odd" select i, 1 + i % 3 from generate_series(1, 9) as i;
"""
PLAN = """schemas = ["small"]

[people]
table = "small.people"
match = "email:email"

[tables."small.people"]
route = "exempt"

[tables."small.notes"]
route = "user:user_id"
keep = [{roles}]

[tables."small.marks"]
route = "parent:note_id"
keep = [{roles}]

[tables."small.\\"Odd\\""]
route = "user:user_id"
keep = [{roles}]
"""


class Small:
    """A small schema with a right plan, which tests spoil."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.crowd: Crowd = add_crowd(ground)
        ground.build("small", PEOPLE_TABLE + compose_people() + TABLES)
        roles = ", ".join(f'"{role}"' for role in (ground.app, ground.owner))
        self.right = PLAN.replace("{roles}", roles)
        self.write(self.right)

    def write(self, text: str) -> None:
        self.ground.plan.write_text(text, encoding="utf-8")

    def look(self) -> Any:
        told = [
            self.ground.run_ours(f"select count(*) from {name}") for name in ("conversions", "users", "org_members")
        ]
        return [*map(str, told), *take_snapshot(self.ground, ["small"])]

    def refuse(self, text: str, verb: str = "run", *arguments: str) -> Outcome:
        """Try a plan; it has to be refused, and nothing may be written."""
        self.write(text)
        before = self.look()
        outcome = self.ground.on_plan(verb, *arguments)
        assert outcome.code == 1, outcome.said
        assert compare(before, self.look()) == []
        assert "Traceback" not in outcome.said
        return outcome

    def line_of(self, text: str, part: str) -> int:
        return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.fixture(scope="module")
def small(grounds: MakeGround) -> Small:
    return Small(grounds("small"))


NOTES = '[tables."small.notes"]\nroute = "user:user_id"'
SPOILED = {
    "an unknown table": (NOTES, f'[tables."small.gone"]\nroute = "exempt"\n\n{NOTES}', "small.gone", 0),
    "an unknown key": (NOTES, f'{NOTES}\nrout = "exempt"', "rout", 1),
    "an unknown key of people": ('match = "email:email"', 'match = "email:email"\nmising = "stop"', "mising", 1),
    "an unknown column": (NOTES, NOTES.replace("user:user_id", "user:person"), "person", 1),
    "an unknown column of people": ('match = "email:email"', 'match = "email:mail"', "mail", 1),
    "an unknown slug of a route": (NOTES, NOTES.replace("user:user_id", "org:nowhere"), "nowhere", 1),
    "an unknown slug of rows without organization": (NOTES, f'{NOTES}\nno_org = "org:nowhere"', "nowhere", 1),
    "an unknown slug of rows with many": (NOTES, f'{NOTES}\nmany_orgs = "org:nowhere"', "nowhere", 1),
    "an unknown slug of people": (
        'match = "email:email"',
        'match = "email:email"\nmissing = "create-in:nowhere"',
        "nowhere",
        1,
    ),
    "an undecided table": (NOTES, NOTES.replace("user:user_id", "undecided"), "undecided", 1),
    "an undecided people table": ('match = "email:email"', 'match = "undecided"', "undecided", 1),
    "a route to itself": (NOTES, NOTES.replace("user:user_id", "parent:id->small.notes(id)"), "small.notes", 1),
    "a parent without single key": (
        'route = "parent:note_id"',
        'route = "parent:id"',
        "no foreign key",
        1,
    ),
    "a parent that is exempt": (NOTES, NOTES.replace("user:user_id", "exempt"), "small.notes", 0),
    "a route that is none": (NOTES, NOTES.replace("user:user_id", "usr:user_id"), "usr:user_id", 1),
    "a choice that is none": (NOTES, f'{NOTES}\nno_org = "skip"', "skip", 1),
    "an active organization for nobody": (NOTES, f'{NOTES}\nno_org = "active"', "active", 1),
    "a number for a text": (NOTES, f"{NOTES}\ntriggers = 1", "triggers", 1),
    "a role that is none": (NOTES, f'{NOTES}\ncut = ["nobody_at_all"]', "nobody_at_all", 1),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_plan_is_refused_with_the_line_of_its_fault(small: Small, name: str):
    old, new, word, exact = SPOILED[name]
    text = small.right.replace(old, new, 1)
    assert text != small.right
    outcome = small.refuse(text)
    assert word in outcome.err
    assert re.search(r"conversion\.toml:\d+: ", outcome.err), outcome.err
    if exact:
        wanted = small.line_of(text, new.splitlines()[-1])
        assert f"conversion.toml:{wanted}: " in outcome.err, outcome.err


def test_a_table_that_the_plan_lacks_is_refused(small: Small):
    text = small.right.replace('[tables."small.\\"Odd\\""]', '[tables."small.other"]')
    assert 'small."Odd"' in small.refuse(text).err


def test_routes_in_a_circle_are_refused(small: Small):
    text = small.right.replace("user:user_id", "parent:id->small.marks(note_id)", 1)
    err = small.refuse(text).err
    assert "circle" in err
    assert "small.marks" in err
    assert "small.notes" in err


def test_all_faults_are_told_at_once(small: Small):
    text = (
        small.right.replace("user:user_id", "user:a", 1)
        .replace("parent:note_id", "parent:b")
        .replace("[people]", '[people]\nhm = "x"')
    )
    outcome = small.refuse(text)
    assert len(re.findall(r"conversion\.toml:\d+: ", outcome.err)) == 3, outcome.err


def test_what_is_no_toml_is_refused_with_its_line(small: Small):
    assert "conversion.toml:3: " in small.refuse(small.right.replace("[people]", "[people")).err


def test_a_table_twice_is_refused(small: Small):
    text = small.right.replace(
        '[tables."small.\\"Odd\\""]', '[tables."\\"small\\".notes"]\nroute = "exempt"\n[tables."small.\\"Odd\\""]'
    )
    assert "small.notes" in small.refuse(text).err


def test_a_missing_plan_file_names_discover(small: Small):
    outcome = small.ground.convert("run", "--plan", str(small.ground.folder / "none.toml"))
    assert outcome.code == 1
    assert "discover --schema" in outcome.err


@pytest.mark.parametrize("verb", ["guard", "cutover", "release"])
def test_a_verb_before_its_time_is_refused_with_the_verb_to_type_first(small: Small, verb: str):
    small.write(small.right)
    outcome = small.ground.on_plan(verb)
    assert outcome.code == 1, outcome.said
    assert "manage.py backfill_org_ids" in outcome.err


@pytest.mark.parametrize("verb", ["status", "pause", "resume", "quarantine"])
def test_a_run_that_is_none_is_refused(small: Small, verb: str):
    outcome = small.ground.convert(verb, "--run", "99")
    assert outcome.code == 1
    assert "99" in outcome.err


def test_an_only_that_is_no_table_of_the_plan_is_refused(small: Small):
    assert "small.nonesuch" in small.refuse(small.right, "run", "--only", "small.nonesuch").err


def test_people_that_are_unknown_stop_the_run(small: Small):
    small.ground.run("insert into small.people (id, email) values (900, 'nobody@nowhere.example')")
    try:
        small.write(small.right)
        outcome = small.ground.on_plan("run")
    finally:
        small.ground.run("delete from small.people where id = 900")
    assert outcome.code == 1
    assert "nobody@nowhere.example" in outcome.err
    assert "missing" in outcome.err


REFUSED_TABLES = {
    "an unlogged one": ("create unlogged table bad (id int primary key, user_id bigint);", "SET LOGGED"),
    "one with an org_id of text": ("create table bad (id int primary key, user_id bigint, org_id text);", "org_id"),
    "one with a generated org_id": (
        "create table bad (id int primary key, user_id bigint, org_id uuid generated always as (null::uuid) stored);",
        "org_id",
    ),
    "a child by inheritance": ('create table bad (more int) inherits ("Odd");', "inherit"),
}


@pytest.mark.parametrize("name", REFUSED_TABLES)
def test_a_table_that_cannot_be_converted_is_refused(small: Small, name: str):
    make, said = REFUSED_TABLES[name]
    small.ground.run(f"set search_path = small; {make}", role=small.ground.owner)
    try:
        assert said in small.refuse(f'{small.right}\n[tables."small.bad"]\nroute = "user:user_id"\n').err
    finally:
        small.ground.run("drop table small.bad")


def test_a_table_of_somebody_else_is_refused_with_the_grant_to_type(small: Small):
    other = f"{small.ground.prefix}_other"
    small.ground.run(f'create role "{other}"; grant "{other}" to session_user')
    small.ground.run(
        f'create table small.bad (id int primary key, user_id bigint); grant create on schema small to "{other}";'
        f'alter table small.bad owner to "{other}"; revoke create on schema small from "{other}"'
    )
    # Only as its owner did the login come near it.
    small.ground.run(f'revoke "{other}" from session_user')
    try:
        outcome = small.refuse(f'{small.right}\n[tables."small.bad"]\nroute = "user:user_id"\n')
        assert re.search(rf'GRANT "?{other}"? TO "?tenantry"?', outcome.err), outcome.err
    finally:
        small.ground.run(f'grant "{other}" to session_user; drop table small.bad; drop role "{other}"')


def test_a_foreign_table_is_refused(small: Small):
    with psycopg.connect(login_dsn(small.ground.database, user=SUPERUSER, password=""), autocommit=True) as session:
        session.execute("create foreign data wrapper nothing; create server nowhere foreign data wrapper nothing")
        session.execute(f'grant usage on foreign server nowhere to "{small.ground.owner}"')
    small.ground.run("create foreign table small.far (id int, user_id bigint) server nowhere", role=small.ground.owner)
    try:
        assert "foreign" in small.refuse(f'{small.right}\n[tables."small.far"]\nroute = "user:user_id"\n').err
    finally:
        small.ground.run("drop foreign table small.far")


def test_a_changed_schema_is_refused_and_asks_for_a_new_discover_which_keeps_decisions(small: Small):
    ground = small.ground
    small.write(
        small.right.replace('route = "user:user_id"', 'route = "org:HOME"'.replace("HOME", small.crowd.home_slug), 1)
    )
    done = ground.convert("discover", "--schema", "small", "--plan", str(ground.plan))
    assert done.code == 0, done.said
    text = ground.plan.read_text(encoding="utf-8")
    ground.run("alter table small.notes add column more text")
    try:
        assert "discover" in small.refuse(text).err
        assert ground.convert("discover", "--schema", "small", "--plan", str(ground.plan)).code == 0
        assert f"org:{small.crowd.home_slug}" in ground.plan.read_text(encoding="utf-8")
        assert ground.on_plan("plan").code == 0
    finally:
        ground.run("alter table small.notes drop column more")


def test_triggers_that_are_to_stop_the_run_do(small: Small):
    small.ground.run(
        "create trigger t before update on small.notes for each row"
        " execute function suppress_redundant_updates_trigger()",
        role=small.ground.owner,
    )
    try:
        small.write(small.right.replace(NOTES, f'{NOTES}\ntriggers = "stop"'))
        outcome = small.ground.on_plan("run")
        assert outcome.code == 1, outcome.said
        assert "trigger" in outcome.err
    finally:
        small.ground.run("drop trigger t on small.notes", role=small.ground.owner)


def test_a_default_organization_that_is_not_there_is_refused_before_a_plan_is_written(small: Small):
    ground = small.ground
    ground.plan.unlink(missing_ok=True)
    outcome = ground.convert(
        "discover", "--schema", "small", "--default-org", "no-such-slug", "--plan", str(ground.plan)
    )
    assert outcome.code != 0
    assert "no-such-slug" in outcome.err
    assert not ground.plan.exists()
