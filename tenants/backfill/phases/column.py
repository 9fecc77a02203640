"""`column`: org_id, its fill trigger and its foreign key, each in a short lock of its own; safe to run again."""

from collections.abc import Iterator

from psycopg import sql

from postgres.names import bound_name
from postgres.roles import BATCH
from tenants.backfill.changes import change_schema, record_change
from tenants.backfill.derive.expression import compose_derivation, read_decisions
from tenants.backfill.derive.functions import compose_drop, compose_fill_function, compose_org_function
from tenants.backfill.derive.modes import mode_at
from tenants.backfill.derive.objects import fill_function, table_sql
from tenants.backfill.events import Event, Finished, Said, Started
from tenants.backfill.names import read_name
from tenants.backfill.people.mapping import LOCK_MS, decide_everybody, prepare_people
from tenants.backfill.phases.new_column import compose_column
from tenants.backfill.phases.org_key import add_unchecked_keys, is_key_late
from tenants.backfill.phases.partitioning import let_owners_partition
from tenants.backfill.phases.relations import Relation, fetch_all, fetch_qualified, read_tree
from tenants.backfill.plan.model import Plan, RouteKind
from tenants.backfill.reading import let_owner_read
from tenants.models import ConversionTable, Phase

COLUMN = """
select format_type(a.atttypid, a.atttypmod), a.attgenerated <> '', pg_get_expr(d.adbin, d.adrelid)
from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = %s and a.attname = 'org_id' and not a.attisdropped
"""
FILL_TRIGGER = """
select t.tgname from pg_catalog.pg_trigger t
where t.tgrelid = %s and t.tgfoid = pg_catalog.to_regprocedure(%s) and not t.tgisinternal
"""
# Bits of tgtype: 1 row, 2 before, 4 insert, 16 update. Compared as bytes, as PostgreSQL sorts triggers.
LAST_BEFORE = """
select max(t.tgname::text collate "C") from pg_catalog.pg_trigger t
where t.tgrelid = any(%s) and t.tgtype & 3 = 3 and t.tgtype & 20 <> 0 and not t.tgisinternal
"""


class ColumnRefused(RuntimeError):
    """A table that cannot get an org_id as it is."""


def run_column(table: ConversionTable, plan: Plan, *, lock_ms: int) -> Iterator[Event]:
    """Give a table its org_id, from now on filled for whoever writes; rows that stand are left to the fill."""
    if table.phase == Phase.RELEASE:
        return
    yield Started(table.name, Phase.COLUMN)
    decisions = read_decisions(table)
    if decisions.kind is RouteKind.PARENT:
        let_owner_read(table.conversion, read_name(decisions.parent["name"]), lock_ms=lock_ms)
    make_functions(table, lock_ms=lock_ms)
    tree = read_tree(table)
    let_owners_partition(table, tree, [fill_function(table)], phase=Phase.COLUMN, lock_ms=lock_ms)
    if table.phase == Phase.START:
        add_column(table, tree[0], lock_ms=lock_ms)
        add_fill_trigger(table, tree, lock_ms=lock_ms)
        if is_key_late(table, tree):
            yield Said(table.name, "is large: its foreign key comes when its rows are written")
        else:
            add_unchecked_keys(table, tree, phase=Phase.COLUMN, lock_ms=lock_ms)
        _keep_phase(table)
    if decisions.kind is RouteKind.USER:
        # People who came while there was no trigger yet that would have met them.
        yield from decide_everybody(prepare_people(table.conversion, plan, lock_ms=LOCK_MS), lock_ms=LOCK_MS)
    yield Finished(table.name, Phase.COLUMN)


def make_functions(table: ConversionTable, *, lock_ms: int) -> None:
    """The derivation and the fill function, made anew as the plan says now; no table is locked."""
    change_schema(
        table,
        compose_org_function(table),
        compose_fill_function(table, mode_at(table.phase)),
        phase=Phase.COLUMN,
        kind="functions",
        name=fill_function(table).as_string(None),
        undo=compose_drop(table),
        lock_ms=lock_ms,
        as_owner=True,
    )


def add_column(table: ConversionTable, relation: Relation, *, lock_ms: int) -> None:
    """For org:SLUG with the organization as its default: the rows that stand have it too, and none is written."""
    default = _default(table)
    found = fetch_qualified(COLUMN, [table.oid])
    if found:
        _adopt_column(table, found[0], default, lock_ms)
        return
    _change(
        table,
        sql.SQL("alter table {} ").format(table_sql(table)) + compose_column(table.oid, default),
        "column",
        "org_id",
        sql.SQL("alter table {} drop column if exists org_id").format(table_sql(table)),
        _lock(table, "access exclusive"),
        lock_ms,
    )


def _adopt_column(
    table: ConversionTable, found: tuple[str, bool, str | None], default: sql.Composable | None, lock_ms: int
) -> None:
    """A column that was there before keeps its values; they are checked when the rest is filled."""
    kind, generated, before = found
    if kind != "uuid" or generated:
        raise ColumnRefused(
            f"{table.name} has a column org_id of its own, {'generated' if generated else kind}: it has to be a plain"
            f" uuid. Type: alter table {table.name} rename column org_id to old_org_id; and let its application know."
        )
    if table.changes.filter(kind="column", undone_at=None).exists():
        return
    record_change(table, phase=Phase.COLUMN, kind="kept_column", name="org_id", undo="")
    if default is None:
        return
    undo = sql.SQL("set default {}").format(sql.SQL(before)) if before else sql.SQL("drop default")
    alter = sql.SQL("alter table {} alter column org_id {}")
    _change(
        table,
        alter.format(table_sql(table), sql.SQL("set default {}").format(default)),
        "default",
        "org_id",
        alter.format(table_sql(table), undo),
        _lock(table, "access exclusive"),
        lock_ms,
    )


def add_fill_trigger(table: ConversionTable, tree: list[Relation], *, lock_ms: int) -> None:
    """Partitions have it from their parent, those to come as well."""
    if find_fill_trigger(table):
        return
    name = sql.Identifier(choose_trigger_name(tree))
    _change(
        table,
        sql.SQL(
            "create or replace trigger {} before insert or update on {} for each row when (current_user <> {})"
            " execute function {}()"
        ).format(name, table_sql(table), sql.Literal(BATCH), fill_function(table)),
        "fill_trigger",
        name.as_string(None),
        sql.SQL("drop trigger if exists {} on {}").format(name, table_sql(table)),
        _lock(table, "share row exclusive"),
        lock_ms,
    )


def find_fill_trigger(table: ConversionTable) -> str:
    """The name of the fill trigger that stands on a table; empty: none does."""
    rows = fetch_all(FILL_TRIGGER, [table.oid, f"{fill_function(table).as_string(None)}()"])
    return str(rows[0][0]) if rows else ""


def choose_trigger_name(tree: list[Relation]) -> str:
    """BEFORE triggers run in the order of their names: after ours, the application's could still change the person."""
    last = fetch_all(LAST_BEFORE, [[relation.oid for relation in tree]])[0][0] or ""
    for prefix in ("zz_", "~"):
        name = bound_name(f"{prefix}fill_org_id_{tree[0].name}")
        if name.encode() > last.encode():
            return name
    raise ColumnRefused(
        f"{tree[0].text} has the trigger {last}, which runs after any that we could name. Type: alter trigger"
        f" {sql.Identifier(last).as_string(None)} on {tree[0].text} rename to NAME; with a name that begins with a"
        " letter from a to y."
    )


def _default(table: ConversionTable) -> sql.Composable | None:
    decisions = read_decisions(table)
    return compose_derivation(decisions, "t") if decisions.kind is RouteKind.ORG else None


def _change(
    table: ConversionTable,
    statement: sql.Composable,
    kind: str,
    name: str,
    undo: sql.Composable,
    lock: sql.Composable,
    lock_ms: int,
) -> None:
    change_schema(table, statement, phase=Phase.COLUMN, kind=kind, name=name, undo=undo, lock_ms=lock_ms, lock=lock)


def _lock(table: ConversionTable, mode: str) -> sql.Composable:
    """Its partitions too."""
    return sql.SQL("lock table {} in " + mode + " mode").format(table_sql(table))


def _keep_phase(table: ConversionTable) -> None:
    table.phase = Phase.COLUMN
    table.save(update_fields=["phase"])
