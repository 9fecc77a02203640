"""Names of a table's own that stand where ours have to be."""

from collections.abc import Iterator

from postgres.names import bound_name, quote
from tenants.backfill.catalog.model import Catalog, Table
from tenants.backfill.names import TableName
from tenants.backfill.plan.faults import Obstacle

FILL_FUNCTION = "private.fill_org_id_"


def find_namesake(table: Table, catalog: Catalog) -> Obstacle | None:
    """A constraint or relation that is called like one of ours, or a trigger that would run after ours."""
    name = table.name.sql.as_string(None)
    for taken in _list_constraints(table.name.table):
        if taken in table.constraints:
            return Obstacle(
                f"{table.name} has a constraint {taken} of its own, and ours will be called so",
                f"ALTER TABLE {name} RENAME CONSTRAINT {quote(taken)} TO …;",
            )
    index = TableName(table.name.schema, bound_name(f"idx_{table.name.table}_org_id"))
    if index in catalog.taken:
        return Obstacle(
            f"{index} is something else already, and the index of {table.name} over org_id will be called so",
            f"ALTER TABLE {index.sql.as_string(None)} RENAME TO …; (an index too)",
        )
    return _find_late_trigger(table)


def _list_constraints(table: str) -> Iterator[str]:
    for name in (f"fk_{table}_org_id", f"{table}_org_id_not_null", f"{table}_org_id_filled"):
        yield bound_name(name)


def _find_late_trigger(table: Table) -> Obstacle | None:
    """BEFORE triggers run in the order of their names, by bytes: after ours, one could still change the person."""
    if any(trigger.function.startswith(FILL_FUNCTION) for trigger in table.triggers):
        return None
    last = bound_name(f"~fill_org_id_{table.name.table}").encode()
    for trigger in table.triggers:
        if trigger.before and trigger.row and {"insert", "update"} & {*trigger.events} and trigger.name.encode() > last:
            return Obstacle(
                f"{table.name} has the trigger {trigger.name}, which would run after any that we can name",
                f"ALTER TRIGGER {quote(trigger.name)} ON {table.name.sql.as_string(None)} RENAME TO …;"
                " (beginning with a letter from a to y)",
            )
    return None
