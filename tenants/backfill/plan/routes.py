"""Routes as they lead through the catalog: where a parent is, and which table comes before which."""

from tenants.backfill.catalog.model import Catalog, ForeignKey, Table
from tenants.backfill.names import TableName
from tenants.backfill.plan.model import Plan, Route, RouteKind, TablePlan, write_list

ORG_COLUMN = "org_id"
Pairs = tuple[tuple[str, str], ...]


class RouteUnresolved(ValueError):
    """A route that leads nowhere, or to several places."""


def parent_pairs(key: ForeignKey) -> Pairs:
    """The columns of a foreign key with those they point to, without the organization that a guard adds."""
    pairs = tuple(zip(key.columns, key.to_columns, strict=True))
    return tuple(pair for pair in pairs if pair != (ORG_COLUMN, ORG_COLUMN)) if len(pairs) > 1 else pairs


def find_targets(table: Table, columns: tuple[str, ...]) -> list[tuple[TableName, Pairs]]:
    """Where foreign keys over exactly these columns point to, each place once."""
    found = [(key.to, parent_pairs(key)) for key in table.foreign_keys]
    matching = [(to, pairs) for to, pairs in found if sorted(a for a, _ in pairs) == sorted(columns)]
    return list(dict.fromkeys((to, tuple(sorted(pairs, key=lambda p: columns.index(p[0])))) for to, pairs in matching))


def resolve_route(plan: TablePlan, catalog: Catalog) -> Route:
    """Complete a parent's route from the one foreign key that its columns make; other routes are complete."""
    route, table = plan.route, catalog.tables.get(plan.name)
    if route.kind is not RouteKind.PARENT or route.to or table is None:
        return route
    targets = find_targets(table, route.columns)
    columns = write_list(route.columns)
    if not targets:
        raise RouteUnresolved(f"no foreign key of {plan.name} is over exactly {columns}: say where it leads")
    if len(targets) > 1:
        places = " or ".join(f"{to}({write_list(tuple(b for _, b in pairs))})" for to, pairs in targets)
        raise RouteUnresolved(f"{columns} of {plan.name} leads to {places}: say which")
    to, pairs = targets[0]
    return Route(route.kind, route.columns, to, tuple(b for _, b in pairs))


def find_parent(plan: TablePlan, catalog: Catalog) -> TableName | None:
    """The table whose organizations this one's rows take, if its route says so and can be followed."""
    try:
        return resolve_route(plan, catalog).to
    except RouteUnresolved:
        return None


def order_tables(plan: Plan, catalog: Catalog) -> list[TableName]:
    """The tables that convert, parents before children, critical ones before others where either may be first."""
    converting = {name: t for name, t in plan.tables.items() if t.converts}
    parents = {name: find_parent(t, catalog) for name, t in converting.items()}
    waiting = sorted(converting, key=lambda name: (converting[name].table_class != "critical", str(name)))
    ordered: list[TableName] = []
    while waiting:
        ready = [name for name in waiting if parents[name] not in waiting or parents[name] == name]
        if not ready:
            raise RouteUnresolved(f"routes lead in a circle: {', '.join(map(str, waiting))}")
        ordered += ready
        waiting = [name for name in waiting if name not in ready]
    return ordered


def find_circles(plan: Plan, catalog: Catalog) -> list[list[TableName]]:
    """The circles that parents' routes make, each once, written from its first table by name."""
    parents = {name: find_parent(t, catalog) for name, t in plan.tables.items() if t.converts}
    circles: dict[frozenset[TableName], list[TableName]] = {}
    for start in sorted(parents, key=str):
        path, at = [start], parents[start]
        while at is not None and at not in path and at in parents:
            path.append(at)
            at = parents[at]
        if at == start:
            circles.setdefault(frozenset(path), path)
    return list(circles.values())
