"""What a run would send for one table: each statement, the lock it takes, and for how long."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from psycopg import sql

from postgres.names import bound_name
from postgres.roles import BATCH
from tenants.backfill.catalog.model import Catalog, Table
from tenants.backfill.derive.expression import Decisions, compose_derivation
from tenants.backfill.fill.gates import compose_gate, find_triggers
from tenants.backfill.fill.relations import read_relations
from tenants.backfill.phases.new_column import compose_column, is_row_type_stored
from tenants.backfill.phases.org_key import LATE_FROM_BYTES
from tenants.backfill.phases.required import PROMISES_FROM
from tenants.backfill.phases.start import resolve_decisions
from tenants.backfill.plan.model import Plan, RouteKind, TablePlan
from tenants.backfill.plan.obstacles import keeps_orgs
from tenants.models import Conversion

MOMENT = "milliseconds; asked for with --lock-ms, again and again"
PUT_BACK = "put back as it was when the fill ends"
SCAN = "while it reads the table; reads and writes go on"


@dataclass(frozen=True)
class Step:
    """One statement of a run."""

    phase: str
    sql: str
    lock: str
    held: str


def list_steps(table_plan: TablePlan, plan: Plan, catalog: Catalog, cursor: Any, *, passes: bool) -> Iterator[Step]:
    """The statements of `run` for one table, in order; guard, cutover and release are verbs of their own."""
    table = catalog.tables[table_plan.name]
    # Its number is known when the run begins: 0 stands in its place.
    decisions = Decisions(Conversion(number=0), resolve_decisions(table_plan, plan, catalog))
    derivation = compose_derivation(decisions, "t")
    constant = table_plan.route.kind is RouteKind.ORG
    written = not is_given_by_default(table_plan, table)
    yield from _add_column(table, derivation if constant else None)
    late = not constant and table.bytes >= LATE_FROM_BYTES
    if not late:
        yield _add_key(table, "column")
    if table_plan.triggers == "gate" and written:
        yield from _gate(table, catalog, cursor)
    if written:
        yield from _open(table, cursor, passes)
    yield _fill(table, derivation) if written else _look(table)
    if late:
        yield _add_key(table, "fill")
    yield from _constrain(table, catalog.version)


def is_given_by_default(table_plan: TablePlan, table: Table) -> bool:
    """Whether the rows have their organization with the column, so that none is written."""
    fixed = table_plan.route.kind is RouteKind.ORG
    return fixed and keeps_orgs(table) is None and not is_row_type_stored(table.oid)


def _add_column(table: Table, default: sql.Composable | None) -> Iterator[Step]:
    name = table.name.sql
    if not keeps_orgs(table):
        column = compose_column(table.oid, default)
        yield _step("column", "alter table {} {}", "ACCESS EXCLUSIVE", MOMENT, name, column)
    elif default:
        text = "alter table {} alter column org_id set default {}"
        yield _step("column", text, "ACCESS EXCLUSIVE", MOMENT, name, default)
    trigger = sql.Identifier(bound_name(f"zz_fill_org_id_{table.name.table}"))
    yield _step(
        "column",
        "create or replace trigger {} before insert or update on {} for each row when (current_user <> {})"
        " execute function private.fill_org_id_…()",
        "SHARE ROW EXCLUSIVE",
        MOMENT,
        trigger,
        name,
        sql.Literal(BATCH),
    )


def _add_key(table: Table, phase: str) -> Step:
    return _step(
        phase,
        "alter table {} add constraint {} foreign key (org_id) references {} (id) on delete cascade not valid",
        "SHARE ROW EXCLUSIVE, on organizations too",
        MOMENT,
        table.name.sql,
        sql.Identifier(bound_name(f"fk_{table.name.table}_org_id")),
        sql.Identifier(settings.TENANTRY_SCHEMA, "organizations"),
    )


def _gate(table: Table, catalog: Catalog, cursor: Any) -> Iterator[Step]:
    """Its own triggers are put back by their text when the fill ends, after a crash too."""
    oids = [table.oid, *(catalog.tables[name].oid for name in table.partitions if name in catalog.tables)]
    for trigger in find_triggers(cursor, oids):
        text = "; ".join(statement.as_string(None) for statement in compose_gate(trigger))
        yield Step("fill", text, "SHARE ROW EXCLUSIVE", f"{MOMENT}; {PUT_BACK}")


def _open(table: Table, cursor: Any, passes: bool) -> Iterator[Step]:
    """Rights and settings for the time of the fill: recorded, and put back after a crash too."""
    steady = {name for relation in read_relations(cursor, table.oid) for name in relation.steady if passes}
    columns = ["org_id", *sorted(steady)]
    leaves = " (each partition)" if table.partitions else ""
    text = "grant select, update ({}) on {} to {}" + leaves
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    held = "taken back when the run's tables are filled; usage of its schema too"
    yield _step("fill", text, "none", held, names, table.name.sql, sql.Identifier(BATCH))
    if passes:
        text = "alter table {} set (autovacuum_enabled = false)" + leaves
        yield _step("fill", text, "SHARE UPDATE EXCLUSIVE", f"{MOMENT}; {PUT_BACK}", table.name.sql)


def _look(table: Table) -> Step:
    text = "select 1 from {} where org_id is null limit 1"
    held = "no row is written: the default gave them their organization"
    return _step("fill", text, "ACCESS SHARE", held, table.name.sql)


def _fill(table: Table, derivation: sql.Composable) -> Step:
    return _step(
        "fill",
        "update {} as t set org_id = {} where t.org_id is null and <a range of rows>",
        "ROW EXCLUSIVE; its rows are locked",
        "one batch at a time, --batch-ms",
        table.name.sql,
        derivation,
    )


def _constrain(table: Table, version: int) -> Iterator[Step]:
    name = table.name.sql
    index = sql.Identifier(bound_name(f"idx_{table.name.table}_org_id"))
    key = sql.Identifier(bound_name(f"fk_{table.name.table}_org_id"))
    leaves = " (each partition first, then the parent takes it over)" if table.partitions else ""
    text = "create index concurrently {} on {} (org_id)" + leaves
    yield _step("constrain", text, "SHARE UPDATE EXCLUSIVE", SCAN, index, name)
    text = "alter table {} validate constraint {}" + leaves
    yield _step("constrain", text, "SHARE UPDATE EXCLUSIVE", SCAN, name, key)
    promises = version >= PROMISES_FROM
    promise = sql.Identifier(bound_name(f"{table.name.table}_org_id_{'not_null' if promises else 'filled'}"))
    if promises:
        text = "alter table {} add constraint {} not null org_id not valid"
    else:
        text = "alter table {} add constraint {} check (org_id is not null) not valid"
    yield _step("constrain", text + leaves, "ACCESS EXCLUSIVE", MOMENT, name, promise)
    yield _step("constrain", "alter table {} validate constraint {}", "SHARE UPDATE EXCLUSIVE", SCAN, name, promise)
    if not promises:
        text = "alter table {} alter column org_id set not null; alter table {} drop constraint {}"
        yield _step("constrain", text, "ACCESS EXCLUSIVE", MOMENT, name, name, promise)


def _step(phase: str, text: str, lock: str, held: str, *parts: sql.Composable) -> Step:
    return Step(phase, sql.SQL(text).format(*parts).as_string(None), lock, held)
