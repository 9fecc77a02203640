"""Replacing foreign keys between converted tables by ones over (org_id, …): at every moment one of them holds."""

from collections.abc import Iterator

from django.db import IntegrityError
from psycopg import sql

from postgres.names import bound_name
from tenants.backfill.changes import change_schema, record_change
from tenants.backfill.errors import PhaseRefused
from tenants.backfill.phases.indexes import Wanted, build_index
from tenants.backfill.phases.pairs import PairKey
from tenants.backfill.phases.relations import Relation, fetch_all, read_tree
from tenants.models import ConversionTable, Phase

PHASE = Phase.GUARD
STANDS = "select convalidated from pg_catalog.pg_constraint where conrelid = %s and conname = %s"


def replace_key(child: ConversionTable, parent: ConversionTable, pair: PairKey, *, lock_ms: int) -> Iterator[str]:
    """One foreign key, in steps of one short lock each; yields a sentence per thing made."""
    below = _relations_below(child, pair.child)
    target = next(r for r in read_tree(parent) if r.oid == pair.parent)
    wanted = Wanted(("org_id", *pair.to_columns), lambda r: _unique_name(r, pair), unique=True)
    for name in build_index(parent, wanted, phase=PHASE, lock_ms=lock_ms):
        yield f"built unique index {name} on {parent.name}"
    for relation in [r for r in below if not r.partitioned]:
        _add(child, relation, target, pair, " not valid" if pair.enforced else "", lock_ms)
        if pair.validated:
            _validate(child, relation, pair, lock_ms)
    if below[0].partitioned:
        _add(child, below[0], target, pair, "", lock_ms)
    if pair.stays:
        yield f"{pair.name} stays beside {pair.temporary_name}: it says what one with org_id cannot"
        return
    _drop_old(child, below, target, pair, lock_ms)
    yield f"{pair.name} holds org_id now" + ("" if pair.validated else "; it was never validated, and is not")


def _relations_below(table: ConversionTable, oid: int) -> list[Relation]:
    """The relation that has the key, and its partitions."""
    tree = read_tree(table)
    found = [r for r in tree if r.oid == oid]
    for relation in tree:
        if relation.parent in {r.oid for r in found}:
            found.append(relation)
    return found


def _unique_name(relation: Relation, pair: PairKey) -> str:
    return bound_name(f"{relation.name}_org_id_{'_'.join(pair.to_columns)}_key")


def _add(
    table: ConversionTable, relation: Relation, target: Relation, pair: PairKey, checking: str, lock_ms: int
) -> None:
    if fetch_all(STANDS, [relation.oid, pair.temporary_name]):
        return
    change_schema(
        table,
        sql.SQL("alter table {} add constraint {} ").format(relation.sql, sql.Identifier(pair.temporary_name))
        + sql.SQL(pair.define().replace("{parent}", target.text) + checking),
        phase=PHASE,
        kind="foreign_key",
        name=f"{relation.text} {pair.temporary_name}",
        undo=sql.SQL("alter table {} drop constraint if exists {}").format(
            relation.sql, sql.Identifier(pair.temporary_name)
        ),
        lock_ms=lock_ms,
        lock=sql.SQL("lock table {}, {} in share row exclusive mode").format(relation.sql, target.sql),
    )


def _validate(table: ConversionTable, relation: Relation, pair: PairKey, lock_ms: int) -> None:
    if fetch_all(STANDS, [relation.oid, pair.temporary_name])[0][0]:
        return
    try:
        change_schema(
            table,
            sql.SQL("alter table {} validate constraint {}").format(relation.sql, sql.Identifier(pair.temporary_name)),
            phase=PHASE,
            kind="validated",
            name=f"{relation.text} {pair.temporary_name}",
            undo=None,
            lock_ms=lock_ms,
        )
    except IntegrityError as error:
        why = f"{pair.name} cannot hold org_id: {' '.join(str(error).split())}"
        raise PhaseRefused([f"{table.name}: {why}. Correct these rows, then run the same command again."]) from error


def _drop_old(table: ConversionTable, below: list[Relation], target: Relation, pair: PairKey, lock_ms: int) -> None:
    """In one message; the new one takes the old one's name, which applications may know.

    The way back is written from its end: the old key comes NOT VALID, leaf by leaf, is checked, and only then the
    parent's takes them over and the new one goes.
    """
    root = below[0]
    leaves = [r for r in below if not r.partitioned]
    old = pair.definition.removesuffix(" NOT VALID")
    if root.partitioned:
        _remember(table, root, pair, "key_returned", add_missing(root, pair.name, old))
    if pair.validated:
        for leaf in leaves:
            _remember(table, leaf, pair, "key_checked", check_if_there(leaf, pair.name))
    renamed = sql.SQL("alter table {} rename constraint {} to {}")
    names = (root.sql, sql.Identifier(pair.name), sql.Identifier(pair.temporary_name))
    change_schema(
        table,
        sql.SQL("alter table {} drop constraint {}").format(*names[:2]),
        renamed.format(names[0], names[2], names[1]),
        phase=PHASE,
        kind="foreign_key_replaced",
        name=f"{root.text} {pair.name}",
        undo=sql.SQL(";\n").join(
            [
                _if(root, pair.temporary_name, False, renamed.format(*names)),
                *(add_missing(leaf, pair.name, f"{old} not valid" if pair.enforced else old) for leaf in leaves),
            ]
        ),
        lock_ms=lock_ms,
        lock=sql.SQL("lock table {}, {} in access exclusive mode").format(root.sql, target.sql),
    )


def _remember(table: ConversionTable, relation: Relation, pair: PairKey, kind: str, undo: sql.Composable) -> None:
    """An undo that follows, when the changes are taken back, on that of a later one."""
    name = f"{relation.text} {pair.name}"
    record_change(table, phase=PHASE, kind=kind, name=name, undo=undo.as_string(None))


def add_missing(relation: Relation, name: str, definition: str) -> sql.Composable:
    """ADD CONSTRAINT, unless it is there."""
    statement = sql.SQL("alter table {} add constraint {} ").format(relation.sql, sql.Identifier(name))
    return _if(relation, name, False, statement + sql.SQL(definition))


def check_if_there(relation: Relation, name: str) -> sql.Composable:
    """VALIDATE CONSTRAINT, if it is there."""
    statement = sql.SQL("alter table {} validate constraint {}").format(relation.sql, sql.Identifier(name))
    return _if(relation, name, True, statement)


def _if(relation: Relation, name: str, there: bool, statement: sql.Composable) -> sql.Composable:
    condition = "exists" if there else "not exists"
    body = sql.SQL(
        "begin if " + condition + " (select from pg_catalog.pg_constraint where conrelid ="
        " pg_catalog.to_regclass({}) and conname = {}) then {}; end if; end"
    ).format(sql.Literal(relation.text), sql.Literal(name), statement)
    return sql.SQL("do {}").format(sql.Literal(body.as_string(None)))
