"""A plan survives being written and read, whatever its names are made of."""

import tomllib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tenants.backfill.names import TableName, read_name
from tenants.backfill.plan.model import (
    Choice,
    ChoiceKind,
    PeoplePlan,
    Plan,
    Route,
    RouteKind,
    TablePlan,
    read_route,
)
from tenants.backfill.plan.read import read_plan
from tenants.backfill.plan.toml import find_places
from tenants.backfill.plan.write import write_plan

# Everything that PostgreSQL takes for a name.
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
STRANGE = st.text(
    st.one_of(st.sampled_from("\"'.,()->:#[]{}=\\ \n\r\t%\x7f\x85\u2028é"), LETTERS), min_size=1, max_size=20
)
NAMES = st.one_of(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), STRANGE.filter(lambda name: len(name.encode()) <= 63))
COLUMNS = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple)
TABLES = st.builds(TableName, NAMES, NAMES)
SLUGS = st.from_regex(r"[a-z][a-z0-9-]{2,9}", fullmatch=True)


@st.composite
def routes(draw):
    kind = draw(st.sampled_from(RouteKind))
    match kind:
        case RouteKind.USER:
            return Route(kind, draw(COLUMNS)[:1])
        case RouteKind.PARENT:
            columns = draw(COLUMNS)
            same = COLUMNS.filter(lambda found: len(found) >= len(columns)).map(lambda found: found[: len(columns)])
            return Route(kind, columns, *draw(st.one_of(st.just(()), st.tuples(TABLES, same))))
        case RouteKind.ORG:
            return Route(kind, slug=draw(SLUGS))
    return Route(kind)


CHOICES = st.one_of(
    st.sampled_from([Choice(), Choice(ChoiceKind.QUARANTINE)]), SLUGS.map(lambda slug: Choice(ChoiceKind.ORG, slug))
)
NOTES = st.lists(st.text(LETTERS.filter(lambda c: c.isprintable()), max_size=20).map(str.strip), max_size=2).map(tuple)
TABLE_PLANS = st.builds(
    TablePlan,
    name=TABLES,
    route=routes(),
    table_class=st.sampled_from(["critical", "secondary"]),
    no_org=CHOICES,
    many_orgs=st.one_of(CHOICES, st.just(Choice(ChoiceKind.EARLIEST))),
    triggers=st.sampled_from(["gate", "fire", "stop"]),
    keep=st.lists(NAMES, max_size=3, unique=True).map(tuple),
    cut=st.lists(NAMES, max_size=2, unique=True).map(tuple),
    comment=st.lists(st.text(max_size=20), max_size=2).map(tuple),
    notes=NOTES,
)
PEOPLE = st.builds(PeoplePlan, TABLES, st.one_of(st.just("id"), NAMES.map(lambda n: f"email:{n}")), st.just("stop"))
PLANS = st.builds(
    Plan,
    schemas=st.lists(NAMES, min_size=1, max_size=2, unique=True).map(tuple),
    tables=st.lists(TABLE_PLANS, max_size=3).map(lambda tables: {table.name: table for table in tables}),
    people=st.one_of(st.none(), PEOPLE),
    fingerprint=st.sampled_from(["", "sha256:00ff"]),
    comments=st.fixed_dictionaries({"people": st.lists(st.text(max_size=20), max_size=2).map(tuple)}),
)


def plain(plan):
    """The decisions of a plan, without what belongs to its file."""
    tables = {name: replace(table, comment=(), line=0) for name, table in plan.tables.items()}
    people = plan.people and replace(plan.people, line=0)
    return replace(plan, tables=tables, people=people, text="", comments={})


@given(PLANS)
def test_what_is_written_is_read_again(plan):
    assert plain(read_plan(write_plan(plan))) == plain(plan)


@given(PLANS)
def test_each_decision_is_found_on_its_line(plan):
    text = write_plan(plan)
    lines = text.split("\n")
    for table in read_plan(text).tables.values():
        assert lines[table.line - 1].startswith("[tables.")
        assert lines[table.line_of("route") - 1].startswith("route ")
        assert tomllib.loads(lines[table.line_of("keep") - 1])["keep"] == list(table.keep)


@given(routes())
def test_a_route_survives(route):
    assert read_route(str(route)) == route


@given(TABLES)
def test_a_name_survives(name):
    assert read_name(str(name)) == name


def test_keys_are_found_however_they_are_written():
    text = (
        'schemas = [\n "a", # one\n "b"\n]\n'
        '[ tables . "a.\\"x.y\\"" ]\n"route" = """\nuser:id"""\nkeep = [\n"[x]",\n]\n'
        "cut=[]\r\n[tables.'b.z']\nclass.x = 1"
    )
    tomllib.loads(text)
    lines = find_places(text).lines
    assert lines[("schemas",)] == 1
    assert lines[("tables", 'a."x.y"')] == 5
    assert lines[("tables", 'a."x.y"', "route")] == 6
    assert lines[("tables", 'a."x.y"', "keep")] == 8
    assert lines[("tables", 'a."x.y"', "cut")] == 11
    assert lines[("tables", "b.z", "class", "x")] == 13
