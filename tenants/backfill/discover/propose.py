"""The plan that a catalog suggests: a route per table, decisions already taken kept."""

from collections import Counter
from dataclasses import replace

from postgres.roles import ALL_ROLES
from tenants.backfill.catalog.model import Catalog, Table
from tenants.backfill.discover.comments import describe_table
from tenants.backfill.discover.people import describe_people, find_people
from tenants.backfill.discover.verdicts import Verdict, find_verdicts
from tenants.backfill.names import TableName
from tenants.backfill.plan.fingerprint import fingerprint_schema
from tenants.backfill.plan.model import Choice, ChoiceKind, PeoplePlan, Plan, Route, RouteKind, TablePlan
from tenants.backfill.plan.obstacles import find_obstacle

# Whose rows grow past this is looked at first.
MANY_ROWS = 100_000
PUBLIC = "public"
UNDECIDED = Route(RouteKind.UNDECIDED)


def propose_plan(catalog: Catalog, *, previous: Plan | None = None, default_org: str = "") -> Plan:
    """Propose a plan for the named schemas; what a person decided in `previous` stays as it was."""
    people, reasons = find_people(catalog)
    if previous and (previous.people or previous.tables):
        people, reasons = _keep_people(previous.people, people, reasons)
    verdicts = find_verdicts(catalog, describe_people(people, catalog), people.table if people else None)
    fan_in = _count_children(catalog)
    tables = {}
    for table in catalog.named():
        fresh = _propose_table(table, verdicts[table.name], fan_in[table.name], catalog, default_org)
        old = previous.tables.get(table.name) if previous else None
        tables[table.name] = _merge(fresh, old, verdicts[table.name], known=previous is not None)
        if default_org and old and old.no_org == Choice() != fresh.no_org:
            tables[table.name] = replace(tables[table.name], no_org=fresh.no_org)
    return Plan(
        schemas=catalog.schemas,
        tables=tables,
        people=people,
        fingerprint=fingerprint_schema(catalog),
        comments={"people": reasons, "end": _describe_gone(previous, tables)},
    )


def _keep_people(
    old: PeoplePlan | None, new: PeoplePlan | None, reasons: tuple[str, ...]
) -> tuple[PeoplePlan | None, tuple[str, ...]]:
    if old == new or (old and new and replace(old, line=0, notes=()) == new):
        return old, reasons
    if old and old.match == "undecided" and new:
        return new, reasons
    return old, (*(("Kept as it was decided. What discover would propose:",) if new else ()), *reasons)


def _propose_table(table: Table, verdict: Verdict, fan_in: int, catalog: Catalog, default_org: str) -> TablePlan:
    route, reasons = verdict.route, verdict.reasons
    obstacle = find_obstacle(table, catalog)
    if obstacle and route.kind is not RouteKind.EXEMPT:
        wanted = f" Its route would be {route}." if route != UNDECIDED else ""
        route, reasons = UNDECIDED, (f"Refused: {obstacle.sentence}.{wanted}", f"Type: {obstacle.remedy}", *reasons)
    critical = route.kind is not RouteKind.EXEMPT and (fan_in > 1 or table.rows >= MANY_ROWS)
    # Exempt and fixed routes leave no row without decision.
    derived = route.kind in (RouteKind.USER, RouteKind.PARENT, RouteKind.UNDECIDED)
    return TablePlan(
        name=table.name,
        route=route,
        table_class="critical" if critical else "secondary",
        no_org=Choice(ChoiceKind.ORG, default_org) if default_org and derived else Choice(),
        keep=find_roles(table, catalog),
        comment=describe_table(table, reasons, fan_in),
    )


def find_roles(table: Table, catalog: Catalog) -> tuple[str, ...]:
    """Every role with rights on the table or a partition of it; Tenantry's own aside.

    PUBLIC is not among them: it cannot be kept, and only a person may cut it.
    """
    whole = [table, *(catalog.tables[name] for name in table.partitions if name in catalog.tables)]
    roles = {role for one in whole for role in (one.owner, *one.grants)}
    return tuple(sorted(role for role in roles if role not in (*ALL_ROLES, PUBLIC)))


def _merge(fresh: TablePlan, old: TablePlan | None, verdict: Verdict, *, known: bool) -> TablePlan:
    """Keep what a person decided, and say what is new."""
    if old is None:
        new = ("NEW: the plan did not have this table.",) if known else ()
        return replace(fresh, comment=(*new, *fresh.comment))
    decided = {*old.keep, *old.cut}
    added = tuple(role for role in fresh.keep if role not in decided)
    comment = tuple(f"NEW: the role {role} has rights; it was put into keep." for role in added)
    route = fresh.route if old.route == UNDECIDED else old.route
    if route not in (fresh.route, *verdict.alternatives):
        comment += (f"The route is a person's decision; discover would propose {fresh.route}.",)
    return replace(old, route=route, keep=(*old.keep, *added), comment=(*comment, *fresh.comment))


def _describe_gone(previous: Plan | None, tables: dict[TableName, TablePlan]) -> tuple[str, ...]:
    if previous is None:
        return ()
    gone = [old for name, old in sorted(previous.tables.items(), key=lambda item: str(item[0])) if name not in tables]
    lines = tuple(f'GONE: {old.name} is in none of the schemas any more; its route was "{old.route}".' for old in gone)
    return (*lines, *(line for line in previous.comments.get("end", ()) if line not in lines))


def _count_children(catalog: Catalog) -> Counter[TableName]:
    """How many other tables point to each."""
    pointing = {(key.to, table.name) for table in catalog.named() for key in table.foreign_keys if key.to != table.name}
    return Counter(to for to, _ in pointing)
