"""Whether every role that works on a table today was decided about, and what our own roles need around it."""

from collections.abc import Iterable, Iterator

from psycopg import sql

from postgres.roles import API, OWNER, SERVICE, STAFF
from tenants.backfill.changes import change_schema
from tenants.backfill.phases.policies import reaches_us
from tenants.backfill.phases.relations import Relation, fetch_all, read_tree
from tenants.backfill.phases.rights import PUBLIC, holders
from tenants.backfill.plan.model import TablePlan
from tenants.models import Conversion, ConversionTable, Phase

HAS_USAGE = "select pg_catalog.has_schema_privilege(%s::name, %s, 'USAGE')"
SEQUENCES = """
select distinct s.oid::bigint, n.nspname, s.relname from pg_catalog.pg_attrdef d
    join pg_catalog.pg_depend p on p.classid = 'pg_attrdef'::regclass and p.objid = d.oid
        and p.refclassid = 'pg_class'::regclass
    join pg_catalog.pg_class s on s.oid = p.refobjid and s.relkind = 'S'
    join pg_catalog.pg_namespace n on n.oid = s.relnamespace
where d.adrelid = any(%s::oid[]) order by 2, 3
"""
MAY_DRAW = "select pg_catalog.has_sequence_privilege(%s::name, %s::oid, 'USAGE')"


def find_undecided(table: ConversionTable, plan: TablePlan) -> Iterator[str]:
    """Sentences about roles that stand in neither list, in both, or in one where they cannot be."""
    found = holders(read_tree(table))
    decided = {*plan.keep, *plan.cut}
    if undecided := sorted({*found} - decided):
        said = ", ".join(f"{role} ({', '.join(sorted(found[role])) or 'its owner'})" for role in undecided)
        lines = f"Add under {_section(table)}: {_lines(plan, undecided)}"
        yield f"{table.name}: neither in keep nor in cut: {said}. {lines}"
    for role in sorted({*plan.keep} & {*plan.cut}):
        yield f"{table.name}: {role} stands in keep and in cut; take it out of one of them under {_section(table)}"
    for role in sorted({*plan.keep} & {*found}):
        if role == PUBLIC:
            yield (
                f"{table.name}: public cannot be kept, for our own roles are part of it. Grant what it has to the roles"
                f' that need it, and name them in keep; write cut = ["public"] under {_section(table)}'
            )
        elif reaches_us(role):
            yield (
                f"{table.name}: {role} cannot be kept, for one of our own roles is a member of it, and would see every"
                f" organization. Take it out first: revoke {sql.Identifier(role).as_string(None)} from …"
            )


def _section(table: ConversionTable) -> str:
    quoted = '"' + table.name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"[tables.{quoted}]"


def _lines(plan: TablePlan, undecided: Iterable[str]) -> str:
    """What a person only has to choose from: PUBLIC can only be cut."""
    cut = [*plan.cut, *(role for role in undecided if role == PUBLIC)]
    keep = [*plan.keep, *(role for role in undecided if role != PUBLIC)]
    return f"keep = {_toml(keep)}, cut = {_toml(cut)}; move to cut who may stop working"


def _toml(names: Iterable[str]) -> str:
    return "[" + ", ".join('"' + n.replace("\\", "\\\\").replace('"', '\\"') + '"' for n in names) + "]"


def open_schema(conversion: Conversion, schema: str, *, lock_ms: int) -> None:
    """Our roles may look into the old database's schema; once for the whole conversion."""
    lacking = [r for r in (OWNER, API, STAFF, SERVICE) if not fetch_all(HAS_USAGE, [r, schema])[0][0]]
    if lacking:
        names = (sql.Identifier(schema), sql.SQL(", ").join(map(sql.Identifier, lacking)))
        change_schema(
            conversion,
            sql.SQL("grant usage on schema {} to {}").format(*names),
            phase=Phase.GUARD,
            kind="schema_usage",
            name=schema,
            undo=sql.SQL("revoke usage on schema {} from {}").format(*names),
            lock_ms=lock_ms,
        )


def open_sequences(table: ConversionTable, tree: list[Relation], *, lock_ms: int) -> None:
    """Who may insert must be able to draw the numbers that defaults take; identity columns need no grant."""
    for oid, schema, name in fetch_all(SEQUENCES, [[r.oid for r in tree]]):
        lacking = [r for r in (API, STAFF) if not fetch_all(MAY_DRAW, [r, oid])[0][0]]
        if lacking:
            names = (sql.Identifier(schema, name), sql.SQL(", ").join(map(sql.Identifier, lacking)))
            change_schema(
                table,
                sql.SQL("grant usage on sequence {} to {}").format(*names),
                phase=Phase.GUARD,
                kind="sequence_usage",
                name=sql.Identifier(schema, name).as_string(None),
                undo=sql.SQL("revoke usage on sequence {} from {}").format(*names),
                lock_ms=lock_ms,
            )
