"""The statement of a batch: give rows their organization, and prove that nothing else of them changed."""

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.fill.errors import ColumnsChanged
from tenants.backfill.fill.relations import Relation
from tenants.backfill.fill.steps import Step

# The row before and its organization are read once, side by side: a scalar expression in SET and again in WHERE would
# be worked out twice. A row that a live writer moves meanwhile is not at its place any more, and left to the sweep.
UPDATE = """
with filled as (
    update {table} as t set org_id = b.new_org
    from (
        select b.ctid as place, {derivation} as new_org, b.org_id{before}
        from {table} as b where {condition}{unfilled} offset 0
    ) b
    where t.ctid = b.place and b.new_org is not null{drifted}
    returning {changed} as changed
)
select count(*), count(*) filter (where changed) from filled
"""


def fill_rows(
    db: CursorWrapper, relation: Relation, step: Step, derivation: sql.Composable, *, drifted: bool = False
) -> int:
    """Update the rows of a step that have no organization (`drifted`: or another one by now); return how many.

    The derivation is an expression over the alias `b`.
    """
    db.execute(compose_update(relation, step, derivation, drifted=drifted), None)
    rows, changed = db.fetchone() or (0, 0)
    if changed:
        raise ColumnsChanged(
            f"{changed} of {rows} rows, {step.describe}, would have changed in other columns than org_id: a trigger or"
            ' rule writes them. Nothing of this batch was kept. Set triggers = "gate" for this table in the plan.'
        )
    return int(rows)


def compose_update(relation: Relation, step: Step, derivation: sql.Composable, *, drifted: bool) -> sql.Composed:
    """Compose the update of a step."""
    return sql.SQL(UPDATE).format(
        table=relation.sql,
        derivation=derivation,
        before=_compose_before(relation),
        condition=step.condition("b"),
        unfilled=sql.SQL("" if drifted else " and b.org_id is null"),
        drifted=sql.SQL(" and b.new_org is distinct from b.org_id" if drifted else ""),
        changed=_compose_changed(relation),
    )


def _compose_before(relation: Relation) -> sql.Composed:
    # Numbered: a column may be called place or new_org.
    pairs = [
        sql.SQL(", {} as {}").format(sql.Identifier("b", name), sql.Identifier(f"old_{number}"))
        for number, name in enumerate(relation.columns)
    ]
    return sql.Composed(pairs)


def _compose_changed(relation: Relation) -> sql.Composable:
    """Compare by bytes: `=` calls 1.0 and 1.00 the same, and json has none."""
    if not relation.columns:
        return sql.SQL("false")
    old = sql.SQL(", ").join(sql.Identifier("b", f"old_{number}") for number in range(len(relation.columns)))
    new = sql.SQL(", ").join(sql.Identifier("t", name) for name in relation.columns)
    # Without the casts it would be no comparison of records, but one per column.
    return sql.SQL("row({})::record *<> row({})::record").format(old, new)
