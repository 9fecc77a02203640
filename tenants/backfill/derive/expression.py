"""How a row finds its organization: one expression, from which functions, triggers and batches are all made."""

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from tenants.backfill.derive.keys import KeyColumn, compare, load_key, same_kind
from tenants.backfill.derive.objects import decide_function, org_function, people_table
from tenants.backfill.names import read_name
from tenants.backfill.plan.model import ChoiceKind, RouteKind, TablePlan, read_choice, read_route
from tenants.models import Conversion, ConversionTable

NOTHING = sql.SQL("null::uuid")
# Aliases that no caller's alias and no old column may hide.
PERSON, PARENT = sql.Identifier("tenantry_person"), sql.Identifier("tenantry_parent")


@dataclass(frozen=True)
class Lookup:
    """The one row, of people or of parents, in which a row's organization stands."""

    table: sql.Composable
    match: sql.Composable
    """Which of the table's rows it is."""
    org: sql.Composable
    """The organization that it says, or null."""


@dataclass(frozen=True)
class Decisions:
    """A table's section of the plan with everything in it resolved: types, ids, the parent's own route."""

    conversion: Conversion
    given: dict[str, Any]

    @property
    def kind(self) -> RouteKind:
        return read_route(self.given["route"]).kind

    @property
    def columns(self) -> tuple[KeyColumn, ...]:
        return tuple(map(load_key, self.given["resolved"]["columns"]))

    @property
    def parent(self) -> dict[str, Any]:
        found: dict[str, Any] = self.given["resolved"]["parent"]
        return found

    @property
    def person(self) -> KeyColumn:
        return load_key(self.given["resolved"]["person"])

    def org(self, slug: str) -> sql.Composable:
        return sql.SQL("{}::uuid").format(sql.Literal(self.given["resolved"]["orgs"][slug]))

    def no_org(self) -> sql.Composable:
        choice = read_choice(self.given["no_org"])
        return self.org(choice.slug) if choice.kind is ChoiceKind.ORG else NOTHING

    def many_orgs(self) -> sql.Composable:
        choice = read_choice(self.given["many_orgs"])
        if choice.kind is ChoiceKind.ORG:
            return self.org(choice.slug)
        if choice.kind in (ChoiceKind.ACTIVE, ChoiceKind.EARLIEST):
            return sql.SQL("{}.{}").format(PERSON, sql.Identifier(f"{choice.kind}_org"))
        return NOTHING


def read_decisions(table: ConversionTable) -> Decisions:
    """What was decided about a table, kept by the conversion, so that whoever joins needs no plan file."""
    return Decisions(table.conversion, table.decisions)


def derive_org(table_plan: TablePlan, conversion: Conversion, alias: str) -> sql.Composed:
    """The organization of the row that `alias` names, as a scalar expression; null: nothing decides it.

    People whom the conversion has not met are unknown here: `map_people` and the fill trigger make them known.
    """
    table = conversion.tables.get(name=str(table_plan.name))
    return compose_derivation(read_decisions(table), alias)


def compose_derivation(decisions: Decisions, alias: str, *, deciding: bool = False) -> sql.Composed:
    """The expression; `deciding` meets unknown people on the way, which only our own functions may."""
    match decisions.kind:
        case RouteKind.USER:
            return _by_person(decisions, alias, deciding)
        case RouteKind.PARENT:
            return _by_parent(decisions, alias)
        case _:
            return sql.Composed([decisions.org(read_route(decisions.given["route"]).slug)])


def look_up_org(decisions: Decisions, alias: str) -> Lookup | None:
    """The same as a join, for rows that have an organization only where it finds one; None: others have one too."""
    if read_choice(decisions.given["no_org"]).kind is ChoiceKind.ORG:
        return None
    match decisions.kind:
        case RouteKind.USER:
            people = sql.SQL("{} as {}").format(people_table(decisions.conversion), PERSON)
            return Lookup(people, _match_person(decisions, alias), _org_of_person(decisions))
        case RouteKind.PARENT:
            return Lookup(*join_parent(decisions, alias), _org_of_parent(decisions))
        case _:
            return None


def _by_person(decisions: Decisions, alias: str, deciding: bool) -> sql.Composed:
    people: sql.Composable = people_table(decisions.conversion)
    on: sql.Composable = _match_person(decisions, alias)
    if deciding:
        # The function that takes text finds people whose key is of another kind.
        (column,) = decisions.columns
        value = sql.Identifier(alias, column.name)
        cast = value if same_kind(column, decisions.person) else sql.SQL("{}::text").format(value)
        people, on = sql.SQL("{}({})").format(decide_function(decisions.conversion), cast), sql.SQL("true")
    return sql.SQL("(select {} from (select) as tenantry_row left join {} as {} on {})").format(
        _org_of_person(decisions), people, PERSON, on
    )


def _match_person(decisions: Decisions, alias: str) -> sql.Composed:
    (column,) = decisions.columns
    return compare(_qualify(PERSON, "person"), decisions.person, sql.Identifier(alias, column.name), column)


def _org_of_person(decisions: Decisions) -> sql.Composed:
    """Of a person in several organizations only many_orgs speaks, of one in none only no_org."""
    return sql.SQL("case when {p}.orgs > 1 then {many} else coalesce({p}.org_id, {no}) end").format(
        p=PERSON, many=decisions.many_orgs(), no=decisions.no_org()
    )


def _by_parent(decisions: Decisions, alias: str) -> sql.Composed:
    found = sql.SQL("(select {} from {} where {})").format(_org_of_parent(decisions), *join_parent(decisions, alias))
    return sql.SQL("coalesce({}, {})").format(found, decisions.no_org())


def _org_of_parent(decisions: Decisions) -> sql.Composed:
    """The parent's organization; while it has none, what the parent's own route will lead to."""
    org, route = _qualify(PARENT, "org_id"), decisions.parent["route"]
    if route is None:
        return org
    values = sql.SQL(", ").join(_qualify(PARENT, column) for column in route)
    function = org_function(decisions.conversion, decisions.parent["oid"])
    return sql.SQL("coalesce({}, {}({}))").format(org, function, values)


def join_parent(decisions: Decisions, alias: str) -> tuple[sql.Composed, sql.Composed]:
    """The parent under its alias, and which of its rows the row that `alias` names belongs to."""
    parent = decisions.parent
    pairs = zip(decisions.columns, map(load_key, parent["columns"]), strict=True)
    matches = [compare(_qualify(PARENT, b.name), b, sql.Identifier(alias, a.name), a) for a, b in pairs]
    return sql.SQL("{} as {}").format(read_name(parent["name"]).sql, PARENT), sql.SQL(" and ").join(matches)


def _qualify(alias: sql.Identifier, column: str) -> sql.Composed:
    return sql.SQL("{}.{}").format(alias, sql.Identifier(column))
