"""Holding a plan against the database: everything that is wrong with it, at once, before anything is written."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from tenants.backfill.catalog.model import Catalog
from tenants.backfill.catalog.reading import CatalogRefused, read_catalog
from tenants.backfill.names import TableName, write_name
from tenants.backfill.plan.check_people import check_people
from tenants.backfill.plan.check_routes import check_circles, check_route
from tenants.backfill.plan.check_writing import check_writing
from tenants.backfill.plan.faults import FILE, Fault, PlanRefused
from tenants.backfill.plan.fingerprint import fingerprint_schema
from tenants.backfill.plan.model import ChoiceKind, Plan, RouteKind, TablePlan
from tenants.backfill.plan.obstacles import find_obstacle
from tenants.backfill.plan.read import read_plan
from tenants.backfill.plan.world import World, read_world

COMMAND = "manage.py backfill_org_ids"
SLUGS_SHOWN = "select slug, name from organizations order by slug; (in psql)"


def open_plan(text: str, cursor: Any) -> tuple[Plan, Catalog]:
    """Read a plan and hold it against the database; PlanRefused names the faults of both."""
    faults: list[Fault] = []
    try:
        plan = read_plan(text)
    except PlanRefused as error:
        if error.plan is None or not error.plan.schemas:
            raise
        plan, faults = error.plan, error.faults
    try:
        catalog = complete_catalog(plan, read_catalog(cursor, plan.schemas), cursor)
    except CatalogRefused as error:
        raise PlanRefused([*faults, _refuse_schema(plan, error)], plan) from error
    found = {fault.line for fault in faults}
    # A line that could not be read would only be found wanting once more.
    faults += [fault for fault in check_plan(plan, catalog, cursor) if fault.line not in found]
    if faults:
        raise PlanRefused(faults, plan)
    return plan, catalog


def check_plan(plan: Plan, catalog: Catalog, cursor: Any) -> list[Fault]:
    """All faults of a plan that could be read, by line."""
    catalog = complete_catalog(plan, catalog, cursor)
    world = read_world(plan, catalog, cursor)
    faults = [*_check_schema(plan, catalog), *check_people(plan, world)]
    for table in plan.tables.values():
        faults += _check_table(table, world)
    faults += check_circles(plan, catalog)
    return sorted(faults, key=lambda fault: fault.line)


def complete_catalog(plan: Plan, catalog: Catalog, cursor: Any) -> Catalog:
    """Add the tables of other schemas that only the plan names."""
    named = [table.route.to for table in plan.tables.values()] + [plan.people.table if plan.people else None]
    missing = [name for name in named if name and name not in catalog.tables]
    return read_catalog(cursor, catalog.schemas, context=missing) if missing else catalog


def _refuse_schema(plan: Plan, error: CatalogRefused) -> Fault:
    return Fault(plan.lines.get("schemas", _first_line(plan)), str(error).partition("; type: ")[0], _discover(plan))


def _first_line(plan: Plan) -> int:
    return min((table.line for table in plan.tables.values()), default=1)


def _discover(plan: Plan) -> str:
    return " ".join([COMMAND, "discover", *(f"--schema {write_name(s)}" for s in plan.schemas), "--plan", FILE])


def _check_schema(plan: Plan, catalog: Catalog) -> Iterator[Fault]:
    """Whether plan and catalog are about the same tables."""
    if plan.fingerprint and plan.fingerprint != fingerprint_schema(catalog):
        yield Fault(
            plan.lines.get("fingerprint", 1),
            "the tables of the schema have changed since discover wrote this plan; discover again, it keeps your"
            " decisions",
            _discover(plan),
        )
    lacking = [str(table.name) for table in catalog.named() if table.name not in plan.tables]
    for name in sorted(lacking):
        line = plan.lines.get("schemas") or plan.text.count("\n") or 1
        yield Fault(line, f"the plan lacks the table {name}", _discover(plan))


def _check_table(table: TablePlan, world: World) -> Iterator[Fault]:
    found = world.catalog.tables.get(table.name)
    if found is None or table.name.schema not in world.catalog.schemas:
        yield Fault(table.line, _describe_unknown(table.name, world.catalog), _discover(world.plan))
        return
    if found.partition_of and found.partition_of in world.catalog.tables:
        sentence = f"{table.name} is a partition of {found.partition_of}, whose route holds for it"
        yield Fault(table.line, sentence, f"$EDITOR +{table.line} {FILE}")
        return
    if table.route.kind is RouteKind.UNDECIDED:
        sentence = f"{table.name} is undecided; the comment above it says why"
        yield Fault(table.line_of("route"), sentence, f"$EDITOR +{table.line_of('route')} {FILE}")
    if table.converts:
        obstacle = find_obstacle(found, world.catalog)
        if obstacle:
            yield Fault(table.line_of("route"), obstacle.sentence, obstacle.remedy)
        yield from check_route(table, found, world)
        yield from check_writing(table, found, world)
    yield from _check_slugs(table, world)
    yield from _check_roles(table, world)


def _describe_unknown(name: TableName, catalog: Catalog) -> str:
    if name.schema not in catalog.schemas:
        return f"{name} is in none of the schemas of this plan ({', '.join(map(write_name, catalog.schemas))})"
    known = [str(table.name) for table in catalog.named()]
    close = get_close_matches(str(name), known, n=1)
    return f"there is no table {name}" + (f"; there is {close[0]}" if close else "")


def _check_slugs(table: TablePlan, world: World) -> Iterator[Fault]:
    choices = {"no_org": table.no_org, "many_orgs": table.many_orgs}
    slugs = {key: choice.slug for key, choice in choices.items() if choice.kind is ChoiceKind.ORG}
    if table.route.kind is RouteKind.ORG:
        slugs["route"] = table.route.slug
    for key, slug in slugs.items():
        if sentence := world.refuse_slug(slug):
            yield Fault(table.line_of(key), f"{key} of {table.name}: {sentence}", SLUGS_SHOWN)


def _check_roles(table: TablePlan, world: World) -> Iterator[Fault]:
    for key, roles in (("keep", table.keep), ("cut", table.cut)):
        for role in roles:
            if role not in world.roles:
                sentence = f"{key} of {table.name}: there is no role {write_name(role)}"
                yield Fault(table.line_of(key), sentence, f"$EDITOR +{table.line_of(key)} {FILE}")
    both = [role for role in table.keep if role in table.cut]
    if both:
        names = ", ".join(map(write_name, both))
        sentence = f"{table.name} keeps and cuts the same role: {names}"
        yield Fault(table.line_of("cut"), sentence, f"$EDITOR +{table.line_of('cut')} {FILE}")
