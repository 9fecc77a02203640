"""Indexes built beside readers and writers; on a partitioned table leaf by leaf, then the parent takes them over."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from psycopg import sql

from tenants.backfill.changes import change_schema, change_schema_alone, run_alone
from tenants.backfill.errors import PhaseRefused
from tenants.backfill.phases.relations import Relation, fetch_all, read_tree
from tenants.models import ConversionTable

FIND = """
select coalesce(x.indrelid = %s, false), x.indisvalid, array(
        select a.attname::text from unnest(x.indkey::int2[]) with ordinality k (n, i)
        join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.n order by k.i), x.indisunique
from pg_catalog.pg_class c left join pg_catalog.pg_index x on c.oid = x.indexrelid
where c.relnamespace = (select relnamespace from pg_catalog.pg_class where oid = %s) and c.relname = %s
"""
ATTACHED = """
select exists (select from pg_catalog.pg_inherits h
    join pg_catalog.pg_index x on x.indexrelid = h.inhrelid join pg_catalog.pg_index p on p.indexrelid = h.inhparent
    join pg_catalog.pg_class c on c.oid = p.indexrelid
    where x.indrelid = %s and p.indrelid = %s and c.relname = %s)
"""


@dataclass(frozen=True)
class Wanted:
    """An index over a whole table: its columns, and what it is called on each relation."""

    columns: tuple[str, ...]
    name_on: Callable[[Relation], str]
    unique: bool = False


def build_index(table: ConversionTable, wanted: Wanted, *, phase: str, lock_ms: int) -> Iterator[str]:
    """Make it stand and be valid everywhere; yields the names of those that had to be built."""
    tree = read_tree(table)
    for relation in tree:
        if not relation.partitioned and not stands(relation, wanted):
            drop_invalid(relation, wanted)
            _build_on_leaf(table, relation, wanted, phase)
            yield wanted.name_on(relation)
    # From below: undone newest first, the uppermost goes before those that it holds and that cannot go alone.
    for relation in reversed(tree):
        if relation.partitioned and not has_index(relation, wanted):
            _build_on_parent(table, relation, wanted, phase, lock_ms)
            yield wanted.name_on(relation)
    _attach(table, tree, wanted, phase, lock_ms)


def find_index(relation: Relation, name: str) -> tuple[bool, bool, tuple[str, ...], bool] | None:
    """Whether what has this name is an index of this relation, is valid, over which columns, and unique."""
    rows = fetch_all(FIND, [relation.oid, relation.oid, name])
    return (rows[0][0], rows[0][1], tuple(rows[0][2]), rows[0][3]) if rows else None


def has_index(relation: Relation, wanted: Wanted) -> bool:
    """Whether it is there, valid or not; a namesake that is another index stands in the way."""
    found = find_index(relation, wanted.name_on(relation))
    if found is None:
        return False
    mine, _valid, columns, unique = found
    if not mine or columns != wanted.columns or unique != wanted.unique:
        name = sql.Identifier(relation.schema, wanted.name_on(relation)).as_string(None)
        raise PhaseRefused(
            [
                f"{relation.text}: something else is called {name} already. Give it another name, an index too: alter"
                f" table {name} rename to …, then run the same command again."
            ]
        )
    return True


def stands(relation: Relation, wanted: Wanted) -> bool:
    """Whether it is there and serves."""
    found = find_index(relation, wanted.name_on(relation))
    return has_index(relation, wanted) and found is not None and found[1]


def drop_invalid(relation: Relation, wanted: Wanted) -> None:
    """What a killed build left: it costs writes and serves nobody, and IF NOT EXISTS would keep it."""
    if has_index(relation, wanted):
        name = sql.Identifier(relation.schema, wanted.name_on(relation))
        run_alone(sql.SQL("drop index concurrently if exists {}").format(name).as_string(None))


def _build_on_leaf(table: ConversionTable, relation: Relation, wanted: Wanted, phase: str) -> None:
    name = wanted.name_on(relation)
    # A partition's index goes with its parent's, so that it may be gone already. What is left of a half-done one locks
    # its table: as a step with a short wait, like any other.
    concurrently = relation.parent is None
    drop = "drop index concurrently if exists {}" if concurrently else "drop index if exists {}"
    change_schema_alone(
        table,
        _create(relation, wanted, "concurrently"),
        phase=phase,
        kind="index",
        name=f"{relation.text} {name}",
        undo=sql.SQL(drop).format(sql.Identifier(relation.schema, name)),
        undo_alone=concurrently,
    )


def _build_on_parent(table: ConversionTable, relation: Relation, wanted: Wanted, phase: str, lock_ms: int) -> None:
    name = wanted.name_on(relation)
    change_schema(
        table,
        _create(relation, wanted, ""),
        phase=phase,
        kind="index",
        name=f"{relation.text} {name}",
        undo=sql.SQL("drop index if exists {}").format(sql.Identifier(relation.schema, name)),
        lock_ms=lock_ms,
    )


def _create(relation: Relation, wanted: Wanted, how: str) -> sql.Composable:
    text = "create {unique} index {how} {name} on {only} {table} ({columns})"
    return sql.SQL(text).format(
        unique=sql.SQL("unique" if wanted.unique else ""),
        how=sql.SQL(how),
        name=sql.Identifier(wanted.name_on(relation)),
        only=sql.SQL("only" if relation.partitioned else ""),
        table=relation.sql,
        columns=join_names(wanted.columns),
    )


def _attach(table: ConversionTable, tree: list[Relation], wanted: Wanted, phase: str, lock_ms: int) -> None:
    """From below, so that each index is whole when the one above takes it."""
    by_oid = {relation.oid: relation for relation in tree}
    for relation in reversed(tree):
        if relation.parent is None:
            continue
        parent = by_oid[relation.parent]
        if fetch_all(ATTACHED, [relation.oid, parent.oid, wanted.name_on(parent)])[0][0]:
            continue
        change_schema(
            table,
            sql.SQL("alter index {} attach partition {}").format(
                sql.Identifier(parent.schema, wanted.name_on(parent)),
                sql.Identifier(relation.schema, wanted.name_on(relation)),
            ),
            phase=phase,
            kind="index_attached",
            name=f"{relation.text} {wanted.name_on(relation)}",
            undo=None,
            lock_ms=lock_ms,
        )


def join_names(columns: Iterable[str]) -> sql.Composable:
    """A list of columns."""
    return sql.SQL(", ").join(map(sql.Identifier, columns))
