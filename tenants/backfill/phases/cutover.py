"""`cutover`: the application sets claims by now; the ways that were left open for it are closed."""

from collections.abc import Iterator

from psycopg import sql

from tenants.backfill.changes import change_schema
from tenants.backfill.errors import PhaseRefused
from tenants.backfill.events import Event, Finished, Started
from tenants.backfill.phases.policies import read_policies
from tenants.backfill.phases.reaching import choose_tables, has_reached, plan_of, reach_phase
from tenants.backfill.phases.record import record_again
from tenants.backfill.phases.relations import Relation, read_tree
from tenants.backfill.phases.rights import cut_statements, holders, restore_statements
from tenants.backfill.plan.model import Plan
from tenants.models import Conversion, ConversionTable, Phase

PHASE = Phase.CUTOVER


def run_cutover(conversion: Conversion, plan: Plan, *, lock_ms: int, only: tuple[str, ...] = ()) -> Iterator[Event]:
    """Take the kept roles' policies and grants; raises PhaseRefused where a table is not guarded."""
    tables = [t for t in choose_tables(conversion, only) if plan_of(t, plan).converts]
    if reasons := [
        f"{table.name}: it has come as far as {table.phase}; first: manage.py backfill_org_ids guard --plan PLAN"
        for table in tables
        if not has_reached(table, Phase.GUARD)
    ]:
        raise PhaseRefused(reasons)
    for table in tables:
        if not has_reached(table, PHASE):
            yield Started(table.name, PHASE)
            gone = cut_over(table, lock_ms=lock_ms)
            yield Finished(table.name, PHASE, f"closed for {', '.join(gone)}" if gone else "nothing was left open")


def cut_over(table: ConversionTable, *, lock_ms: int) -> list[str]:
    """One table with its partitions; returns the roles that lost their way in."""
    tree = read_tree(table)
    gone = sorted(holders(tree))
    for relation in tree:
        policies = [policy for policy in read_policies(relation) if not policy.ours]
        rights = list(cut_statements(relation, gone))
        if policies or rights:
            change_schema(
                table,
                *(policy.drop(relation) for policy in policies),
                *rights,
                phase=PHASE,
                kind="closed",
                name=relation.text,
                undo=_reopen(relation, gone),
                lock_ms=lock_ms,
                lock=sql.SQL("lock table only {} in access exclusive mode").format(relation.sql),
            )
    record_again(table)
    reach_phase(table, PHASE)
    return gone


def _reopen(relation: Relation, gone: list[str]) -> sql.Composable:
    policies = [policy for policy in read_policies(relation) if not policy.ours]
    return sql.SQL(";\n").join(
        [
            *(policy.drop(relation) for policy in policies),
            *(policy.create(relation) for policy in policies),
            *restore_statements(relation, gone),
        ]
    )
