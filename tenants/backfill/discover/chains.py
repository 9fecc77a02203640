"""Ways from tables without a person of their own to tables that have one, over foreign keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenants.backfill.catalog.model import Catalog, Table
from tenants.backfill.names import TableName
from tenants.backfill.plan.model import Route, RouteKind
from tenants.backfill.plan.routes import ORG_COLUMN, Pairs, find_targets, parent_pairs


@dataclass(frozen=True)
class Step:
    """One foreign key on the way to a person."""

    table: TableName
    to: TableName
    pairs: Pairs
    not_null: bool

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(mine for mine, _ in self.pairs)

    def as_route(self, catalog: Catalog) -> Route:
        """As a plan writes it: where it leads is left out when one foreign key says it."""
        if len(find_targets(catalog.tables[self.table], self.columns)) == 1:
            return Route(RouteKind.PARENT, self.columns)
        return Route(RouteKind.PARENT, self.columns, self.to, tuple(theirs for _, theirs in self.pairs))


@dataclass(frozen=True)
class Way:
    """The best next steps of one table, more than one when nothing sets them apart; `length` in foreign keys."""

    steps: tuple[Step, ...]
    length: int
    not_null: bool


Ways = dict[TableName, Way]


def find_ways(catalog: Catalog, tables: Iterable[Table], roots: Mapping[TableName, bool]) -> Ways:
    """Lead these tables to the roots: over NOT NULL columns only where that is possible, each by the fewest steps.

    A root's value says whether its every row has a person. No table is on the way to itself, so no circle arises.
    """
    steps = {table.name: _find_steps(table, catalog) for table in tables if table.name not in roots}
    sure: Ways = {}
    _spread(steps, {name: 0 for name, certain in roots.items() if certain}, sure, only_not_null=True)
    reached = dict.fromkeys(roots, 0) | {name: way.length for name, way in sure.items()}
    _spread(steps, reached, sure, only_not_null=False)
    return sure


def _spread(
    steps: dict[TableName, list[Step]], reached: dict[TableName, int], ways: Ways, *, only_not_null: bool
) -> None:
    """Give tables their ways in order of length, as waves do."""
    length = 0
    while length <= max(reached.values(), default=-1):
        edge = {name for name, distance in reached.items() if distance == length}
        for name, own in steps.items():
            best = tuple(s for s in own if s.to in edge and (s.not_null or not only_not_null))
            if best and name not in ways and name not in reached:
                ways[name] = Way(best, length + 1, only_not_null)
                reached[name] = length + 1
        length += 1


def _find_steps(table: Table, catalog: Catalog) -> list[Step]:
    found = []
    for key in table.foreign_keys:
        pairs = parent_pairs(key)
        if key.to != table.name and key.to in catalog.tables and key.columns != (ORG_COLUMN,):
            not_null = all(column.not_null for column in table.columns if column.name in dict(pairs))
            found.append(Step(table.name, key.to, pairs, not_null))
    return list(dict.fromkeys(found))
