"""Parents that no foreign key names, guessed from names and types: for a person to decide, never taken by itself."""

from tenants.backfill.catalog.model import Catalog, Table
from tenants.backfill.discover.people import comparable, plain_name, singular
from tenants.backfill.names import TableName
from tenants.backfill.plan.model import Route, RouteKind


def find_hints(table: Table, catalog: Catalog, converting: list[TableName]) -> tuple[Route, ...]:
    """Routes like `parent:order_id->s.orders(id)` where a column is named after another table's key."""
    in_keys = {column for key in table.foreign_keys for column in key.columns}
    targets: dict[str, list[TableName]] = {}
    for name in converting:
        targets.setdefault(singular(name.table), []).append(name)
    found = []
    for column in table.columns:
        stem = plain_name(column.name)
        if column.name in in_keys or not stem.endswith("_id"):
            continue
        for target in targets.get(stem.removesuffix("_id"), ()):
            key = catalog.tables[target].person_key
            if target != table.name and key and comparable(key.base, column.base):
                found.append(Route(RouteKind.PARENT, (column.name,), target, (key.name,)))
    return tuple(found)
