"""What discover thinks of each table: a route, the reasons, and what else could be meant."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from tenants.backfill.catalog.model import Catalog, Table
from tenants.backfill.discover.chains import Way, Ways, find_ways
from tenants.backfill.discover.hints import find_hints
from tenants.backfill.discover.people import People
from tenants.backfill.discover.persons import (
    PersonColumn,
    choose_best,
    find_person_columns,
    find_person_part,
    find_strange_columns,
)
from tenants.backfill.names import TableName, write_name
from tenants.backfill.plan.model import Route, RouteKind, write_list
from tenants.backfill.plan.obstacles import keeps_orgs
from tenants.backfill.plan.routes import ORG_COLUMN

EXEMPT, UNDECIDED = Route(RouteKind.EXEMPT), Route(RouteKind.UNDECIDED)


@dataclass(frozen=True)
class Verdict:
    """A proposed route; `alternatives` could be meant as well; `sure` says that every row has a person."""

    route: Route
    reasons: tuple[str, ...]
    alternatives: tuple[Route, ...] = ()
    sure: bool = False
    one_per_person: bool = False


def find_verdicts(catalog: Catalog, people: People, people_table: TableName | None) -> dict[TableName, Verdict]:
    """Judge every table of the named schemas."""
    named = {table.name: table for table in catalog.named()}
    verdicts: dict[TableName, Verdict] = {}
    for name, table in named.items():
        found = _judge_alone(table, people, people_table)
        if found:
            verdicts[name] = found
    rest = [table for name, table in named.items() if name not in verdicts]
    for roots in (_find_roots(catalog, verdicts, named=False), _find_roots(catalog, verdicts, named=True)):
        ways = find_ways(catalog, rest, roots)
        verdicts |= {name: _judge_way(way, catalog) for name, way in ways.items()}
        rest = [table for table in rest if table.name not in ways]
    verdicts |= _judge_over_exempt(catalog, rest, verdicts, people)
    for table in rest:
        verdicts.setdefault(table.name, _judge_lonely(table, catalog, verdicts, people))
    return {name: _note_keeps_orgs(named[name], verdict) for name, verdict in verdicts.items()}


def _judge_alone(table: Table, people: People, people_table: TableName | None) -> Verdict | None:
    """By the table's own columns."""
    if table.name == people_table:
        return Verdict(EXEMPT, ("Exempt: it is the table of people, one row per person.",), one_per_person=True)
    columns = find_person_columns(table, people)
    if not columns:
        return None
    best = choose_best(columns)
    routes = tuple(_by_user(c) for c in columns)
    if len(best) > 1:
        names = "; ".join(f"{route}, {column}" for route, column in zip(routes, columns, strict=True))
        return Verdict(UNDECIDED, (f"Undecided: several columns name a person. Candidates: {names}.",), routes)
    chosen = best[0]
    others = [f"Also names a person: {c}." for c in columns if c is not chosen]
    if chosen.unique:
        return Verdict(
            EXEMPT,
            (f"Exempt: one row per person, {write_name(chosen.name)} is unique.", *others),
            routes,
            sure=chosen.not_null,
            one_per_person=True,
        )
    only = "the only person column" if len(columns) == 1 else "the best of several person columns"
    return Verdict(_by_user(chosen), (f"{only[0].upper()}{only[1:]}: {chosen}.", *others), routes, chosen.not_null)


def _by_user(column: PersonColumn) -> Route:
    return Route(RouteKind.USER, (column.name,))


def _find_roots(catalog: Catalog, verdicts: dict[TableName, Verdict], *, named: bool) -> dict[TableName, bool]:
    """Tables that give their children an organization: those with a person, and those with an org_id already.

    A table of the named schemas with an org_id comes last: it may have a way of its own to a person.
    """
    roots = {name: v.sure for name, v in verdicts.items() if v.route != EXEMPT}
    for name, table in catalog.tables.items():
        column = keeps_orgs(table)
        if column and table.partition_of is None and (named or name.schema not in catalog.schemas):
            roots.setdefault(name, column.not_null)
    return roots


def _judge_way(way: Way, catalog: Catalog) -> Verdict:
    routes = tuple(step.as_route(catalog) for step in way.steps)
    hops = "1 foreign key" if way.length == 1 else f"{way.length} foreign keys"
    over = "NOT NULL throughout" if way.not_null else "not NOT NULL throughout: some rows may find nobody"
    if len(routes) > 1:
        names = "; ".join(f"{r} to {s.to}" for r, s in zip(routes, way.steps, strict=True))
        return Verdict(UNDECIDED, (f"Undecided: several ways of {hops}, {over}. Candidates: {names}.",), routes)
    step = way.steps[0]
    return Verdict(routes[0], (f"No person column; the shortest way to one is {hops}, by {step.to}, {over}.",), routes)


def _judge_over_exempt(
    catalog: Catalog, tables: list[Table], verdicts: dict[TableName, Verdict], people: People
) -> dict[TableName, Verdict]:
    """Tables that reach people only over tables which are exempt, or are not part of this plan."""
    exempt = {name: True for name, v in verdicts.items() if v.one_per_person}
    outside = {
        name: True
        for name, table in catalog.tables.items()
        if name not in verdicts and name.schema not in catalog.schemas and find_person_columns(table, people)
    }
    single = set(exempt)
    found: dict[TableName, Verdict] = {}
    ways: Ways = find_ways(catalog, tables, exempt | outside)
    for name, way in sorted(ways.items(), key=lambda item: item[1].length):
        step = way.steps[0]
        if len(way.steps) == 1 and step.to in single and catalog.tables[name].is_unique(step.columns):
            single.add(name)
            reason = f"Exempt: one row per person, over {step.to} ({write_list(step.columns)} is unique)."
            found[name] = Verdict(EXEMPT, (reason,), one_per_person=True)
        else:
            routes = tuple(s.as_route(catalog) for s in way.steps)
            found[name] = Verdict(UNDECIDED, tuple(_explain_blocked(way, catalog, outside, routes)), routes)
    return found


def _explain_blocked(
    way: Way, catalog: Catalog, outside: dict[TableName, bool], routes: tuple[Route, ...]
) -> Iterator[str]:
    places = ", ".join(dict.fromkeys(str(step.to) for step in way.steps))
    yield f"Undecided: the way to a person leads over {places}. Candidates: {'; '.join(map(str, routes))}."
    if any(step.to in outside for step in way.steps):
        yield f"{places} is not in the schemas of this plan: discover again with its --schema as well."
    else:
        yield f"Exempt tables give no organization: {places} needs a route (user:COLUMN) for this one to follow it."


def _judge_lonely(table: Table, catalog: Catalog, verdicts: dict[TableName, Verdict], people: People) -> Verdict:
    """No person, no foreign key that leads to one."""
    strange = find_strange_columns(table, people)
    if strange:
        return Verdict(UNDECIDED, (f"Undecided: {'; '.join(strange)}.",))
    if part := find_person_part(table):
        return Verdict(UNDECIDED, (f"Undecided: {part}.",))
    organizations = TableName(settings.TENANTRY_SCHEMA, "organizations")
    direct = [write_list(key.columns) for key in table.foreign_keys if key.to == organizations]
    if direct and ORG_COLUMN not in direct:
        reason = f"Undecided: {direct[0]} names an organization already, under another name than org_id."
        return Verdict(UNDECIDED, (reason, "Rename it to org_id and its values are kept; or org:SLUG; or exempt."))
    converting = [name for name, v in verdicts.items() if v.route != EXEMPT]
    hints = find_hints(table, catalog, converting)
    if hints:
        names = "; ".join(map(str, hints))
        return Verdict(
            UNDECIDED,
            (f"Undecided: no foreign key says so, but by name it may follow another. Candidates: {names}.",),
            hints,
        )
    return Verdict(EXEMPT, ("Exempt: no way leads from it to a person.",))


def _note_keeps_orgs(table: Table, verdict: Verdict) -> Verdict:
    """Say what becomes of an org_id that is there already."""
    column = keeps_orgs(table)
    if column is None:
        return verdict
    key = any(f.columns == (ORG_COLUMN,) for f in table.foreign_keys)
    state = f"{'NOT NULL' if column.not_null else 'nullable'}, {'with' if key else 'without'} a foreign key"
    note = f"It has an org_id already ({state}): values are kept, and checked against the route."
    if verdict.route != EXEMPT:
        return Verdict(verdict.route, (*verdict.reasons, note), verdict.alternatives, verdict.sure)
    return Verdict(
        UNDECIDED,
        (
            f"Undecided: it has an org_id already ({state}), and no route of its own.",
            f"org:SLUG gives rows without organization to one; exempt leaves the table alone. {verdict.reasons[0]}",
        ),
        verdict.alternatives,
    )
