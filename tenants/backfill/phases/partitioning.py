"""Whoever owns a partitioned table goes on making partitions of it, each with a copy of our triggers."""

from collections.abc import Iterable

from psycopg import sql

from tenants.backfill.changes import change_schema
from tenants.backfill.phases.relations import Relation, fetch_all
from tenants.backfill.phases.rights import if_role
from tenants.models import ConversionTable

MAY_EXECUTE = "select pg_catalog.has_function_privilege(%s::name, %s, 'EXECUTE')"


def let_owners_partition(
    table: ConversionTable, tree: list[Relation], functions: Iterable[sql.Identifier], *, phase: str, lock_ms: int
) -> None:
    """PostgreSQL asks who makes or attaches a partition for EXECUTE on every trigger function of its parent."""
    owners = sorted({relation.owner for relation in tree if relation.partitioned})
    for function in functions:
        for owner in owners:
            if not fetch_all(MAY_EXECUTE, [owner, f"{function.as_string(None)}()"])[0][0]:
                names = (function, sql.Identifier(owner))
                change_schema(
                    table.conversion,
                    sql.SQL("grant execute on function {}() to {}").format(*names),
                    phase=phase,
                    kind="partition_right",
                    name=f"{function.as_string(None)} {owner}",
                    undo=if_role(owner, sql.SQL("revoke execute on function {}() from {}").format(*names)),
                    lock_ms=lock_ms,
                    as_owner=True,
                )
