"""`release`: who writes rows names their organization from now on; what the conversion stood in for them with goes."""

from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone
from psycopg import sql

from tenants.backfill.changes import change_schema
from tenants.backfill.derive.objects import fill_function
from tenants.backfill.errors import PhaseRefused
from tenants.backfill.events import Event, Finished, Said, Started
from tenants.backfill.phases.reaching import choose_tables, has_reached, plan_of, reach_phase
from tenants.backfill.phases.record import record_again
from tenants.backfill.phases.relations import Relation, fetch_qualified, read_tree
from tenants.backfill.phases.rights import holders
from tenants.backfill.plan.model import Plan
from tenants.models import Conversion, ConversionState, ConversionTable, Phase

PHASE = Phase.RELEASE
DEFAULT = """
select pg_catalog.pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attrdef d join pg_catalog.pg_attribute a
    on a.attrelid = d.adrelid and a.attnum = d.adnum
where d.adrelid = %s and a.attname = 'org_id' and a.attgenerated = ''
"""
FILL_TRIGGER = """
select t.tgname, pg_catalog.pg_get_triggerdef(t.oid) from pg_catalog.pg_trigger t
    join pg_catalog.pg_proc f on f.oid = t.tgfoid join pg_catalog.pg_namespace n on n.oid = f.pronamespace
where t.tgrelid = %s and t.tgparentid = 0 and n.nspname = 'private' and f.proname = %s
"""
FUNCTIONS = """
select p.oid::regprocedure::text, pg_catalog.pg_get_functiondef(p.oid), pg_catalog.pg_get_userbyid(p.proowner),
    array(select distinct pg_catalog.pg_get_userbyid(a.grantee)::text
        from pg_catalog.aclexplode(p.proacl) a where a.grantee not in (0, p.proowner))
from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'private' and p.proname = any(%s) order by 1
"""


def run_release(conversion: Conversion, plan: Plan, *, lock_ms: int, only: tuple[str, ...] = ()) -> Iterator[Event]:
    """End the fill triggers, then their functions; raises PhaseRefused while a kept role relies on them."""
    tables = [t for t in choose_tables(conversion, only) if plan_of(t, plan).converts]
    if reasons := [reason for table in tables for reason in find_reasons(table)]:
        raise PhaseRefused(reasons)
    for table in tables:
        if not has_reached(table, PHASE):
            yield Started(table.name, PHASE)
            release_table(table, lock_ms=lock_ms)
            yield Finished(table.name, PHASE, "whoever inserts a row names its organization")
    everything = [t for t in choose_tables(conversion) if plan_of(t, plan).converts]
    if all(has_reached(table, PHASE) for table in everything):
        yield from _end_conversion(conversion, everything, lock_ms=lock_ms)


def find_reasons(table: ConversionTable) -> Iterator[str]:
    """What stands against it."""
    if not has_reached(table, Phase.GUARD):
        yield f"{table.name}: it has come as far as {table.phase}; first: manage.py backfill_org_ids guard --plan PLAN"
    elif not has_reached(table, Phase.CUTOVER):
        yield (
            f"{table.name}: {', '.join(sorted(holders(read_tree(table))))} may still work on it and knows no"
            " organizations; first: manage.py backfill_org_ids cutover --plan PLAN"
        )


def release_table(table: ConversionTable, *, lock_ms: int) -> None:
    """The trigger and, for tables that went to one organization, the default go in one message."""
    root = read_tree(table)[0]
    name = fill_function(table).as_string(None).rpartition(".")[2].strip('"')
    triggers = fetch_qualified(FILL_TRIGGER, [root.oid, name])
    gone: list[sql.Composable] = []
    back: list[sql.Composable] = []
    for trigger, definition in triggers:
        gone.append(sql.SQL("drop trigger if exists {} on {}").format(sql.Identifier(trigger), root.sql))
        back.append(sql.SQL(definition.replace("CREATE TRIGGER", "create or replace trigger", 1)))
    for relation, value in _read_defaults(table):
        gone.append(sql.SQL("alter table {} alter column org_id drop default").format(relation.sql))
        back.append(sql.SQL("alter table {} alter column org_id set default ").format(relation.sql) + sql.SQL(value))
    if gone:
        change_schema(
            table,
            *gone,
            phase=PHASE,
            kind="fill_ended",
            name=table.name,
            undo=sql.SQL(";\n").join(back),
            lock_ms=lock_ms,
        )
    record_again(table)
    reach_phase(table, PHASE)


def _read_defaults(table: ConversionTable) -> list[tuple[Relation, str]]:
    tree = read_tree(table)
    return [(relation, row[0]) for relation in tree for row in fetch_qualified(DEFAULT, [relation.oid])]


def _end_conversion(conversion: Conversion, tables: list[ConversionTable], *, lock_ms: int) -> Iterator[Event]:
    """The functions go with the last table, for they call one another; who each person was found to be is kept."""
    number = conversion.number
    names = [f"{kind}_{number}_{table.oid}" for kind in ("fill_org_id", "org_of") for table in tables]
    for identity, definition, owner, callers in fetch_qualified(FUNCTIONS, [[*names, f"decide_person_{number}"]]):
        change_schema(
            conversion,
            sql.SQL(f"drop function if exists {identity}"),
            phase=PHASE,
            kind="function",
            name=identity,
            undo=_make_again(identity, definition, owner, callers),
            lock_ms=lock_ms,
        )
    if conversion.state != ConversionState.RELEASED:
        conversion.state, conversion.finished_at = ConversionState.RELEASED, timezone.now()
        with transaction.atomic():
            conversion.save(update_fields=["state", "finished_at", "updated_at"])
        yield Said("", f"conversion {number} is released; private.conversion_people_{number} stays as its proof")


def _make_again(identity: str, definition: str, owner: str, callers: list[str]) -> sql.Composable:
    """pg_get_functiondef tells neither owner nor grants."""
    function = sql.SQL(identity)
    return sql.SQL(";\n").join(
        [
            sql.SQL(definition),
            sql.SQL("alter function {} owner to {}").format(function, sql.Identifier(owner)),
            sql.SQL("revoke all on function {} from public").format(function),
            *(sql.SQL("grant execute on function {} to {}").format(function, sql.Identifier(c)) for c in callers),
        ]
    )
