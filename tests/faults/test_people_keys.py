"""People who are known by other keys than numbers, by our own, or not at all; and values that disagree."""

import pytest
from psycopg import sql

from tests.faults.conftest import MakeGround
from tests.faults.ground import Ground, Section
from tests.faults.oracle import Oracle, explain
from tests.faults.people import add_crowd
from tests.faults.strange import build_strange

# Each has a database of its own; one after the other they take turns on the machine.
pytestmark = pytest.mark.xdist_group("faults_people")


def build(ground: Ground, kind: str, people: list[tuple[str, str]], column: str = "") -> None:
    """A table of people by keys of this kind, and one thing of each, numbered as they come."""
    things = f"create table things (id int primary key, owner_id {column or kind});"
    ground.build("old", f"create table folk (key {kind} primary key, mail text); {things}")
    for number, (key, mail) in enumerate(people, 1):
        ground.run("insert into old.folk values (%s, %s)", [key, mail], role=ground.owner)
        ground.run("insert into old.things values (%s, %s)", [number, key], role=ground.owner)


def convert(ground: Ground, people: Section | None, **section: object) -> list[str | None]:
    """The organizations of the things, in their order."""
    keep = {"keep": [ground.app, ground.owner]}
    things: Section = {"route": "user:owner_id", **keep, **section}
    ground.write_plan(["old"], {"old.folk": {"route": "exempt"}, "old.things": things}, people)
    ground.must("run")
    ground.must("verify")
    return [org for (org,) in ground.run("select org_id::text from old.things order by id")]


def test_people_by_our_own_keys(grounds: MakeGround):
    ground = grounds("ours")
    ids = [ground.add_person(f"p{n}@example.org") for n in range(3)]
    build(ground, "uuid", [(person, "") for person in ids])
    assert convert(ground, None) == [ground.org_of(person) for person in ids]


def test_people_by_our_own_keys_written_as_text(grounds: MakeGround):
    ground = grounds("texts")
    ids = [ground.add_person(f"p{n}@example.org") for n in range(2)]
    build(ground, "uuid", [(person, "") for person in ids], column="text")
    assert convert(ground, {"table": "old.folk", "match": "id"}) == [ground.org_of(person) for person in ids]


def test_people_by_keys_of_text(grounds: MakeGround):
    ground = grounds("words")
    ids = [ground.add_person(f"p{n}@example.org") for n in range(2)]
    build(ground, "text", [("it's %s", " P0@EXAMPLE.org"), ('"x"\\', "p1@example.org\n")])
    orgs = convert(ground, {"table": "old.folk", "match": "email:mail"})
    assert orgs == [ground.org_of(person) for person in ids]


def test_keys_and_columns_of_different_collations(grounds: MakeGround):
    ground = grounds("orders")
    person = ground.add_person("p0@example.org")
    ground.build(
        "old",
        """create table folk (key text collate "C" primary key, mail text);
        create table things (code varchar(9) collate "C" primary key, owner_id text collate "POSIX");
        create table parts (id int primary key, thing text collate ucs_basic references things)""",
    )
    ground.run("insert into old.folk values ('a', 'p0@example.org')", role=ground.owner)
    ground.run("insert into old.things values ('t', 'a'); insert into old.parts values (1, 't')", role=ground.owner)
    keep: Section = {"keep": [ground.app, ground.owner]}
    tables: dict[str, Section] = {
        "old.folk": {"route": "exempt"},
        "old.things": {"route": "user:owner_id", **keep},
        "old.parts": {"route": "parent:thing->old.things(code)", **keep},
    }
    ground.write_plan(["old"], tables, {"table": "old.folk", "match": "email:mail"})
    for verb in ("plan", "run", "verify"):
        ground.must(verb)
    ground.run_as_app("insert into old.things (code, owner_id) values ('u', 'a')")
    ground.run_as_app("insert into old.parts values (2, 'u')")
    found = ground.run("select org_id::text from old.things union all select org_id::text from old.parts")
    assert found == [(ground.org_of(person),)] * 4


def test_people_who_are_to_be_made_get_an_organization_of_their_own(grounds: MakeGround):
    ground = grounds("made")
    build(ground, "bigint", [("1", "new@example.org"), ("2", "NEW@example.org"), ("3", "newer@example.org")])
    orgs = convert(ground, {"table": "old.folk", "match": "email:mail", "missing": "create"})
    made = ground.run_ours("select id::text, password from users where email_lower like 'new%' order by email_lower")
    assert [ground.org_of(person) for person, _ in made] == [orgs[0], orgs[2]]
    assert orgs[0] == orgs[1]
    # Nobody can sign in as them: no password is usable.
    assert all(password == "" or password.startswith("!") for _, password in made)


def test_people_who_are_to_be_made_members_of_one_organization(grounds: MakeGround):
    ground = grounds("joined")
    home = ground.org_of(ground.add_person("home@example.org"))
    build(ground, "bigint", [("1", "new@example.org"), ("2", "newer@example.org")])
    missing = f"create-in:{ground.slug_of(home)}"
    assert convert(ground, {"table": "old.folk", "match": "email:mail", "missing": missing}) == [home, home]
    roles = ground.run_ours("select role from org_members m join users u on u.id = m.user_id where email like 'new%'")
    assert roles == [("member",), ("member",)]


def test_a_person_column_of_another_kind_of_number_is_refused(grounds: MakeGround):
    ground = grounds("kinds")
    build(ground, "bigint", [("1", "p0@example.org")], column="numeric(10)")
    tables: dict[str, Section] = {"old.folk": {"route": "exempt"}, "old.things": {"route": "user:owner_id"}}
    ground.write_plan(["old"], tables, {"table": "old.folk", "match": "email:mail"})
    assert "old.things.owner_id is numeric(10,0)" in ground.on_plan("run").err


@pytest.mark.parametrize("name", ["org_some", "fixed_some"])
def test_values_that_disagree_are_kept_and_told(grounds: MakeGround, name: str):
    ground = grounds(name)
    strange = build_strange(ground, add_crowd(ground), lambda shape: shape.name == name)
    oracle = Oracle(strange)
    before = ground.run(
        sql.SQL("select count(*) from {} where org_id is not null").format(oracle.by_name[name].table.sql)
    )
    done = ground.on_plan("run")
    assert explain(oracle.judge()) == ""
    proof = ground.on_plan("verify")
    assert before[0][0] > 0
    assert "disagree" in (done.said + proof.said) or "differ" in (done.said + proof.said), done.said + proof.said
