"""Whether routes lead somewhere: columns, their types, parents that have organizations to give."""

from collections.abc import Iterator

from tenants.backfill.catalog.model import Catalog, Column, Table
from tenants.backfill.discover.people import comparable
from tenants.backfill.names import write_name
from tenants.backfill.plan.faults import FILE, Fault
from tenants.backfill.plan.model import Plan, Route, RouteKind, TablePlan, write_list
from tenants.backfill.plan.obstacles import keeps_orgs
from tenants.backfill.plan.routes import RouteUnresolved, find_circles, resolve_route
from tenants.backfill.plan.world import World


def check_route(plan: TablePlan, table: Table, world: World) -> Iterator[Fault]:
    """Say what is wrong with the route of one table."""
    missing = [column for column in plan.route.columns if table.column(column) is None]
    if missing:
        yield _fault(plan, f"{plan.name} has no column {write_list(tuple(missing))}")
    elif made := [column for column in map(table.column, plan.route.columns) if column and column.generated]:
        names = write_list(tuple(column.name for column in made))
        yield _fault(
            plan,
            f"{names} of {plan.name} is generated, and not there yet when a trigger sees a new row: route by what it is"
            " generated from, or make it a plain column",
        )
    elif plan.route.kind is RouteKind.USER:
        yield from _check_person(plan, table, world)
    elif plan.route.kind is RouteKind.PARENT:
        try:
            route = resolve_route(plan, world.catalog)
        except RouteUnresolved as error:
            yield _fault(plan, f"{error}, as in parent:COLUMN->SCHEMA.TABLE(COLUMN)")
        else:
            yield from _check_parent(plan, route, table, world)


def _check_person(plan: TablePlan, table: Table, world: World) -> Iterator[Fault]:
    column = table.column(plan.route.columns[0])
    if column and not fits(column, world.people.base):
        people = world.people
        where = f"{people.table}.{write_name(people.key)}" if people.table else "users.id (the plan has no [people])"
        sentence = f"{plan.name}.{write_name(column.name)} is {column.type}, and people are known by {where}"
        yield _fault(plan, f"{sentence}, which is {people.base}")
    if column and column.name == "org_id":
        yield _fault(plan, f"org_id of {plan.name} is what is to be filled; it cannot name a person")


def fits(column: Column, base: str) -> bool:
    """Whether values can be the same: of one family, or one of them text."""
    return comparable(column.base, base) or comparable(column.base, "text") or comparable(base, "text")


def _check_parent(plan: TablePlan, route: Route, table: Table, world: World) -> Iterator[Fault]:
    target = world.catalog.tables.get(route.to) if route.to else None
    if target is None:
        yield _fault(plan, f"there is no table {route.to} for {plan.name} to follow")
        return
    if target.name == plan.name:
        yield _fault(plan, f"{plan.name} follows itself: rows would wait for each other")
        return
    absent = [column for column in route.to_columns if target.column(column) is None]
    if absent:
        yield _fault(plan, f"{target.name} has no column {write_list(tuple(absent))}")
        return
    columns = write_list(route.to_columns)
    if not target.is_unique(route.to_columns):
        sentence = f"{target.name} has no unique key over {columns}: a row of {plan.name} could have several parents"
        yield _fault(plan, sentence)
    for mine, theirs in zip(route.columns, route.to_columns, strict=True):
        one, other = table.column(mine), target.column(theirs)
        if one and other and not fits(one, other.base):
            sentence = f"{write_name(mine)} is {one.type}, and {target.name}.{write_name(theirs)} is {other.type}"
            yield _fault(plan, f"{plan.name}: {sentence}")
    yield from _check_giver(plan, target, world)


def _check_giver(plan: TablePlan, target: Table, world: World) -> Iterator[Fault]:
    """A parent has organizations to give when it converts, or has them already."""
    other = world.plan.tables.get(target.name)
    if keeps_orgs(target) or (other and (other.converts or other.route.kind is RouteKind.UNDECIDED)):
        return
    if other:
        sentence = f"{plan.name} follows {target.name}, which is exempt (line {other.line}) and has no org_id to give"
    else:
        sentence = f"{plan.name} follows {target.name}, which this plan does not convert and which has no org_id"
    yield _fault(plan, sentence)


def check_circles(plan: Plan, catalog: Catalog) -> Iterator[Fault]:
    """Refuse routes that come back to where they began."""
    for circle in find_circles(plan, catalog):
        if len(circle) > 1:
            way = " -> ".join(map(str, [*circle, circle[0]]))
            yield _fault(plan.tables[circle[0]], f"routes lead in a circle: {way}")


def _fault(plan: TablePlan, sentence: str) -> Fault:
    line = plan.line_of("route")
    return Fault(line, sentence, f"$EDITOR +{line} {FILE}")
