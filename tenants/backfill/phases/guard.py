"""`guard`: the database itself keeps organizations apart on a converted table; kept roles work as before."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import QuerySet
from psycopg import sql

from postgres.names import bound_name
from postgres.roles import OWNER
from tenants.backfill.changes import change_schema, find_changes, undo_change
from tenants.backfill.derive.functions import FillMode, compose_fill_function
from tenants.backfill.derive.modes import note_fill_mode
from tenants.backfill.errors import PhaseRefused
from tenants.backfill.events import Event, Finished, Said, Started
from tenants.backfill.fill.following import settle_with_parent
from tenants.backfill.fill.rounds import may_drift
from tenants.backfill.fill.settings import FillSettings
from tenants.backfill.phases.pair_keys import replace_key
from tenants.backfill.phases.pairs import PairKey, count_crossings, list_old, read_pairs
from tenants.backfill.phases.partitioning import let_owners_partition
from tenants.backfill.phases.protection import Deciding, describe_guard, protect, unprotect
from tenants.backfill.phases.reaching import choose_tables, converted_oids, has_reached, plan_of, reach_phase
from tenants.backfill.phases.record import record_again, record_guard
from tenants.backfill.phases.relations import fetch_all, read_tree
from tenants.backfill.phases.roles import find_undecided, open_schema, open_sequences
from tenants.backfill.phases.views import find_open_views
from tenants.backfill.plan.model import Plan, TablePlan
from tenants.models import Conversion, ConversionChange, ConversionTable, Phase

PHASE = Phase.GUARD
KIND = "guarded"
# Functions of the triggers that a new partition copies.
COPIED = ("keep_org_id", "audit_trigger_function")
NAMESAKES = """
select t.tgname from pg_catalog.pg_trigger t join pg_catalog.pg_proc f on f.oid = t.tgfoid
where t.tgrelid = %s and t.tgname = any(%s) and f.oid <> all(array(select p.oid from pg_catalog.pg_proc p
    join pg_catalog.pg_proc k on k.pronamespace = p.pronamespace where k.oid = 'keep_org_id()'::regprocedure))
"""
PERIOD_KEYS = """
select k.conname from pg_catalog.pg_constraint k where k.conrelid = %s and k.contype = 'f' and k.conparentid = 0
    and coalesce((pg_catalog.to_jsonb(k) ->> 'conperiod')::boolean, false)
"""


def run_guard(conversion: Conversion, plan: Plan, *, lock_ms: int, only: tuple[str, ...] = ()) -> Iterator[Event]:
    """Guard the tables that are constrained; raises PhaseRefused with every reason before anything is changed."""
    chosen = [t for t in choose_tables(conversion, only) if plan_of(t, plan).converts]
    tables = [t for t in chosen if not has_reached(t, Phase.CUTOVER)]
    pairs = refuse(tables, plan)
    for schema in sorted({relation.schema for table in tables for relation in read_tree(table)}):
        open_schema(conversion, schema, lock_ms=lock_ms)
    for table in tables:
        yield Started(table.name, PHASE)
        yield from settle_with_parent(table, FillSettings(lock_ms=lock_ms))
        yield from _replace_keys(table, pairs, lock_ms=lock_ms)
        yield from guard_table(table, plan_of(table, plan), lock_ms=lock_ms)
        yield Finished(table.name, PHASE, "row-level security, immutable organization, log")
    # Keys of the tables that came later stand on those that came before.
    for oid in {oid for pair in pairs for oid in (pair.child_root, pair.parent_root)}:
        record_again(_table_of(oid))


def refuse(tables: list[ConversionTable], plan: Plan) -> list[PairKey]:
    """Every reason at once; else the foreign keys that have to hold org_id."""
    reasons: list[str] = []
    for table in tables:
        if not has_reached(table, Phase.CONSTRAIN):
            reasons.append(
                f"{table.name}: it has come as far as {table.phase}; first: manage.py backfill_org_ids run --plan PLAN"
            )
        reasons += find_loose_parent(table, tables)
        reasons += find_undecided(table, plan_of(table, plan))
        reasons += find_namesakes(table)
        reasons += find_open_views(table)
        reasons += find_period_keys(table)
    oids = {table.oid for table in tables}
    pairs = [p for p in list_old(read_pairs(converted_oids())) if {p.child_root, p.parent_root} & oids]
    for pair in pairs:
        # Those that a route leads along are settled when the parent is guarded: until then rows may move.
        if not _is_route(pair):
            reasons += find_crossings(pair)
    if reasons:
        raise PhaseRefused(reasons)
    return pairs


def find_loose_parent(table: ConversionTable, tables: list[ConversionTable]) -> Iterator[str]:
    """A parent that may still move would leave the guarded rows of this table behind."""
    parent = _parent_of(table)
    if parent and not has_reached(parent, PHASE) and parent.oid not in {t.oid for t in tables}:
        yield (
            f"{table.name}: its rows follow {parent.name}, which is not guarded. Guard both: manage.py backfill_org_ids"
            " guard --plan PLAN"
        )


def _parent_of(table: ConversionTable) -> ConversionTable | None:
    parent = (table.decisions.get("resolved") or {}).get("parent")
    return ConversionTable.objects.filter(conversion=table.conversion, oid=parent["oid"]).first() if parent else None


def _is_route(pair: PairKey) -> bool:
    """Whether it is the foreign key by which the child finds its organization."""
    child = _table_of(pair.child_root)
    if not may_drift(child):
        return False
    found = child.decisions["resolved"]
    columns = {column["name"] for column in found["columns"]}
    return (found["parent"]["oid"], columns) == (pair.parent_root, {*pair.columns})


def find_namesakes(table: ConversionTable) -> Iterator[str]:
    """The old application's triggers that ours would replace."""
    name = read_tree(table)[0].name
    ours = [bound_name(f"{kind}_{name}") for kind in ("org_id_immutable", "audit", "log_truncate")]
    for (found,) in fetch_all(NAMESAKES, [table.oid, ours]):
        trigger = sql.Identifier(found).as_string(None)
        yield (
            f"{table.name}: a trigger of its own is called {trigger}, as ours will be. Give it another name:"
            f" alter trigger {trigger} on {table.name} rename to …"
        )


def find_period_keys(table: ConversionTable) -> Iterator[str]:
    """Foreign keys over periods: the rows that together cover one cannot be asked for their organization."""
    for relation in read_tree(table):
        for (name,) in fetch_all(PERIOD_KEYS, [relation.oid]):
            key = sql.Identifier(name).as_string(None)
            yield (
                f"{table.name}: its foreign key {key} is over periods, which cannot hold org_id. Drop it, and let the"
                f" application look after what it says: alter table {relation.text} drop constraint {key}"
            )


def find_crossings(pair: PairKey) -> Iterator[str]:
    """Rows that point into another organization: a foreign key over org_id would refuse them."""
    child, parent = _table_of(pair.child_root), _table_of(pair.parent_root)
    relations = {r.oid: r for t in (child, parent) for r in read_tree(t)}
    crossing, query = count_crossings(pair, relations[pair.child], relations[pair.parent])
    if crossing:
        yield (
            f"{child.name}: rows point through {pair.name} into another organization of {parent.name}. See them:"
            f" {query}; correct them, or give both tables routes that agree"
        )


def _table_of(oid: int) -> ConversionTable:
    return ConversionTable.objects.filter(oid=oid).order_by("-conversion__number")[0]


def _replace_keys(table: ConversionTable, pairs: Iterable[PairKey], *, lock_ms: int) -> Iterator[Event]:
    """Those that lead from this table or, where the other one is not among those guarded now, to it."""
    for pair in pairs:
        if pair.child_root == table.oid or (pair.parent_root == table.oid and _is_strange(pair, table)):
            parent = _table_of(pair.parent_root)
            for sentence in replace_key(_table_of(pair.child_root), parent, pair, lock_ms=lock_ms):
                yield Said(table.name, sentence)


def _is_strange(pair: PairKey, table: ConversionTable) -> bool:
    """Its child is guarded already: then nobody else comes by."""
    return has_reached(_table_of(pair.child_root), PHASE)


def guard_table(table: ConversionTable, plan: TablePlan, *, lock_ms: int) -> Iterator[Event]:
    """One table: a message per relation, partitions first, so that no row can be reached past its parent."""
    deciding = Deciding(plan.keep, plan.cut)
    forget_other_decisions(table, deciding, lock_ms=lock_ms)
    tree = read_tree(table)
    open_sequences(table, tree, lock_ms=lock_ms)
    copied = [sql.Identifier(settings.TENANTRY_SCHEMA, name) for name in COPIED]
    let_owners_partition(table, tree, copied, phase=PHASE, lock_ms=lock_ms)
    done = set(_guarded(table).values_list("name", flat=True))
    note_fill_mode(table, FillMode.GUARDED, phase=PHASE)
    for relation in reversed(tree):
        if relation.text not in done:
            change_schema(
                table,
                *protect(tree[0], relation, deciding),
                *(_hold_rows(table) if relation == tree[0] else ()),
                phase=PHASE,
                kind=KIND,
                name=relation.text,
                undo=sql.SQL(";\n").join(unprotect(relation, deciding)),
                lock_ms=lock_ms,
                lock=sql.SQL("lock table {} in access exclusive mode").format(relation.sql),
            )
    record_guard(table, deciding)
    reach_phase(table, PHASE)
    yield from _say(table, deciding)


def _hold_rows(table: ConversionTable) -> Iterator[sql.Composable]:
    """Under the lock of the guard: no statement that moves a row is on its way, and none comes after."""
    yield sql.SQL("set local role {}").format(sql.Identifier(OWNER))
    yield compose_fill_function(table, FillMode.GUARDED)


def _guarded(table: ConversionTable) -> QuerySet[ConversionChange]:
    return ConversionChange.objects.filter(table=table, phase=PHASE, kind=KIND, undone_at=None)


def forget_other_decisions(table: ConversionTable, deciding: Deciding, *, lock_ms: int) -> None:
    """A guard put on for other lists is taken off first, and put on anew: our roles see nothing in between."""
    last = table.guarded or {}
    if not last or (last["keep"], last["cut"]) == (sorted(deciding.keep), sorted(deciding.cut)):
        return
    for change in find_changes(table.conversion, down_to=Phase.CONSTRAIN, table=table):
        if change.kind == KIND:
            undo_change(change, lock_ms=lock_ms)


def _say(table: ConversionTable, deciding: Deciding) -> Iterator[Event]:
    guard = describe_guard(read_tree(table)[0])
    if guard.redacted:
        yield Said(table.name, f"the log never has the values of {', '.join(guard.redacted)}")
    if deciding.keep:
        sentence = f"{', '.join(deciding.keep)} work as before, until cutover, but for COPY FROM:"
        yield Said(table.name, f"{sentence} PostgreSQL refuses it under row-level security; INSERT instead")
