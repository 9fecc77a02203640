"""Whether batches may write the rows of a table, where there are rows to write."""

from collections.abc import Iterator

from postgres.names import quote
from tenants.backfill.catalog.model import Table
from tenants.backfill.plan.faults import FILE, Fault
from tenants.backfill.plan.model import RouteKind, TablePlan
from tenants.backfill.plan.obstacles import keeps_orgs
from tenants.backfill.plan.world import World


def check_writing(plan: TablePlan, table: Table, world: World) -> Iterator[Fault]:
    """Say what would keep an UPDATE from doing what it says, in the table or a partition of it."""
    if not _is_written(plan, table):
        return
    line = plan.line_of("route")
    for one in (table, *(world.catalog.tables[name] for name in table.partitions if name in world.catalog.tables)):
        name = one.name.sql.as_string(None)
        if one.update_rules:
            rules = ", ".join(map(quote, one.update_rules))
            sentence = f"{one.name} has rules on UPDATE ({rules}): batches would not do what they say"
            drop = " ".join(f"DROP RULE {quote(rule)} ON {name};" for rule in one.update_rules)
            yield Fault(line, sentence, f"{drop} or $EDITOR +{line} {FILE}")
        if one.kind == "table" and not one.replicates:
            sentence = f"{one.name} is in a publication of updates and has no replica identity: no row can be updated"
            yield Fault(line, sentence, f"ALTER TABLE {name} REPLICA IDENTITY FULL; (or USING INDEX, or a primary key)")


def _is_written(plan: TablePlan, table: Table) -> bool:
    """A column that comes with its organization as default needs no row to be written, a finished one neither."""
    column = keeps_orgs(table)
    return not column.not_null if column else plan.route.kind is not RouteKind.ORG
