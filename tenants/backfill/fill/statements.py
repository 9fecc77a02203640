"""The statement of a batch: give rows their organization, and prove that nothing else of them changed."""

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.derive.expression import Decisions, Lookup, compose_derivation, look_up_org
from tenants.backfill.derive.objects import people_table
from tenants.backfill.fill.errors import ColumnsChanged
from tenants.backfill.fill.relations import Relation
from tenants.backfill.fill.steps import Step
from tenants.backfill.plan.model import RouteKind

# From here on RETURNING knows the row as it was.
RETURNS_OLD_FROM = 180000
# A row that a live writer moves meanwhile is not at its place any more, and left to the sweep.
UPDATE = """
with filled as (
    update {table} as b set org_id = {org}{steady} from {lookup}
    where {condition} and {match} and {org} is not null{only}
    returning with (old as tenantry_old, new as tenantry_new) {changed} as changed
)
select count(*), count(*) filter (where changed) from filled
"""
# The row before and its organization are read once, side by side: a scalar expression in SET and again in WHERE would
# be worked out twice.
UPDATE_BESIDE = """
with filled as (
    update {table} as t set org_id = b.new_org{steady}
    from (
        select b.ctid as place, {org} as new_org, b.org_id{before}
        from {table} as b where {condition} offset 0
    ) b
    where t.ctid = b.place and b.new_org is not null{only}
    returning {changed} as changed
)
select count(*), count(*) filter (where changed) from filled
"""
# The planner cannot know how many rows a pass has, and would look up each in an index. So few pages of people are
# hashed sooner, in every batch anew.
HASHED_PAGES = 64
IS_SMALL = "select pg_catalog.pg_relation_size(%s::regclass) <= %s * current_setting('block_size')::int"


def find_lookup(db: CursorWrapper, decisions: Decisions) -> Lookup | None:
    """The join that a batch may use: there is one, and the server can say what a row was before."""
    return look_up_org(decisions, "b") if db.connection.info.server_version >= RETURNS_OLD_FROM else None


def hashes_lookup(decisions: Decisions) -> bool:
    """Whether the join of a batch should be by hash.

    Only where nothing else is planned inside of the statement: no parent's own derivation, no trigger that fires.
    """
    if decisions.kind is not RouteKind.USER or decisions.given["triggers"] == "fire":
        return False
    with connection.cursor() as db:
        db.execute(IS_SMALL, [people_table(decisions.conversion).as_string(None), HASHED_PAGES])
        return find_lookup(db, decisions) is not None and bool((db.fetchone() or [False])[0])


def fill_rows(db: CursorWrapper, relation: Relation, step: Step, decisions: Decisions, *, drifted: bool = False) -> int:
    """Update the rows of a step that have no organization (`drifted`: or another one by now); return how many."""
    db.execute(compose_update(relation, step, decisions, drifted=drifted, lookup=find_lookup(db, decisions)), None)
    rows, changed = db.fetchone() or (0, 0)
    if changed:
        raise ColumnsChanged(
            f"{changed} of {rows} rows, {step.describe}, would have changed in other columns than org_id: a trigger or"
            ' rule writes them. Nothing of this batch was kept. Set triggers = "gate" for this table in the plan.'
        )
    return int(rows)


def compose_update(
    relation: Relation, step: Step, decisions: Decisions, *, drifted: bool, lookup: Lookup | None
) -> sql.Composed:
    """Compose the update of a step, by a join where there is one."""
    if lookup:
        return _compose_in_place(relation, step, lookup, drifted)
    return _compose_beside(relation, step, compose_derivation(decisions, "b"), drifted)


def _compose_in_place(relation: Relation, step: Step, lookup: Lookup, drifted: bool) -> sql.Composed:
    only = (
        sql.SQL(" and {} is distinct from b.org_id").format(lookup.org) if drifted else sql.SQL(" and b.org_id is null")
    )
    old, new = ([sql.Identifier(side, name) for name in relation.columns] for side in ("tenantry_old", "tenantry_new"))
    return sql.SQL(UPDATE).format(
        table=relation.sql,
        org=lookup.org,
        lookup=lookup.table,
        match=lookup.match,
        steady=_keep_steady(relation, step, "b"),
        condition=step.condition("b"),
        only=only,
        changed=_compare(old, new),
    )


def _compose_beside(relation: Relation, step: Step, derivation: sql.Composable, drifted: bool) -> sql.Composed:
    # Numbered: a column may be called place or new_org.
    names = [(sql.Identifier("b", name), sql.Identifier(f"old_{n}")) for n, name in enumerate(relation.columns)]
    old = [sql.Identifier("b", f"old_{n}") for n in range(len(relation.columns))]
    return sql.SQL(UPDATE_BESIDE).format(
        table=relation.sql,
        org=derivation,
        steady=_keep_steady(relation, step, "t"),
        before=sql.Composed([sql.SQL(", {} as {}").format(*pair) for pair in names]),
        condition=step.condition("b") if drifted else sql.SQL("{} and b.org_id is null").format(step.condition("b")),
        only=sql.SQL(" and b.new_org is distinct from b.org_id" if drifted else ""),
        changed=_compare(old, [sql.Identifier("t", name) for name in relation.columns]),
    )


def _keep_steady(relation: Relation, step: Step, alias: str) -> sql.Composable:
    """Write indexed columns as they are, in pages that no batch has written in.

    An index of which no key column is in SET takes what is added for one more version of a row, and searches its page
    for versions that are gone. Here there are none yet: it was an eighth of the server's time, for nothing.
    """
    open_ones = [name for name in relation.steady if step.fresh and name not in relation.closed]
    pairs = [(sql.Identifier(name), sql.Identifier(alias, name)) for name in open_ones]
    return sql.Composed([sql.SQL(", {} = {}").format(*pair) for pair in pairs])


def _compare(old: list[sql.Identifier], new: list[sql.Identifier]) -> sql.Composable:
    """Compare by bytes: `=` calls 1.0 and 1.00 the same, and json has none."""
    if not old:
        return sql.SQL("false")
    # Without the casts it would be no comparison of records, but one per column.
    row = sql.SQL("row({})::record")
    return sql.SQL("{} *<> {}").format(*(row.format(sql.SQL(", ").join(side)) for side in (old, new)))
