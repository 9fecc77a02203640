"""NOT NULL, by the shortest lock that the server version offers; nobody waits for a scan."""

from psycopg import sql

from postgres.names import bound_name
from tenants.backfill.changes import change_schema
from tenants.backfill.phases.relations import Relation, fetch_all, read_tree, server_version
from tenants.models import ConversionTable, Phase

REQUIRED = "select attnotnull from pg_catalog.pg_attribute where attrelid = %s and attname = 'org_id'"
PROMISE = """
select k.conname, k.convalidated from pg_catalog.pg_constraint k
    join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and k.conkey = array[a.attnum] and a.attname = 'org_id'
where k.conrelid = %s and k.contype = 'n'
"""
CHECK = "select convalidated from pg_catalog.pg_constraint where conrelid = %s and conname = %s and contype = 'c'"
PROMISES_FROM = 180000


def require_org(table: ConversionTable, *, lock_ms: int) -> None:
    """Leaf by leaf; a partitioned parent then finds nothing left to look at."""
    promises = server_version() >= PROMISES_FROM
    tree = read_tree(table)
    for relation in [r for r in tree if not r.partitioned]:
        if promises:
            _promise(table, relation, lock_ms=lock_ms)
        else:
            _check(table, relation, lock_ms=lock_ms)
    if (tree[0].partitioned and not is_required(tree[0])) or (not promises and _leftovers(tree)):
        _set_not_null(table, tree, lock_ms=lock_ms)


def is_required(relation: Relation) -> bool:
    """Whether org_id is NOT NULL; from 18 on it may still have to be checked."""
    return bool(fetch_all(REQUIRED, [relation.oid])[0][0])


def _promise(table: ConversionTable, relation: Relation, *, lock_ms: int) -> None:
    name = bound_name(f"{relation.name}_org_id_not_null")
    if not is_required(relation):
        _step(
            table,
            relation,
            sql.SQL("alter table {} add constraint {} not null org_id not valid"),
            name,
            "not_null",
            sql.SQL("alter table {} drop constraint if exists {}"),
            lock_ms,
        )
    for found, validated in fetch_all(PROMISE, [relation.oid]):
        if not validated:
            _validate(table, relation, found, lock_ms)


def _check(table: ConversionTable, relation: Relation, *, lock_ms: int) -> None:
    """SET NOT NULL believes a validated CHECK, and looks at no row."""
    if is_required(relation):
        return
    name = _check_name(relation)
    if not fetch_all(CHECK, [relation.oid, name]):
        _step(
            table,
            relation,
            sql.SQL("alter table {} add constraint {} check (org_id is not null) not valid"),
            name,
            "check",
            sql.SQL("alter table {} drop constraint if exists {}"),
            lock_ms,
        )
    if not fetch_all(CHECK, [relation.oid, name])[0][0]:
        _validate(table, relation, name, lock_ms)


def _check_name(relation: Relation) -> str:
    return bound_name(f"{relation.name}_org_id_filled")


def _leftovers(tree: list[Relation]) -> list[Relation]:
    return [r for r in tree if fetch_all(CHECK, [r.oid, _check_name(r)])]


def _set_not_null(table: ConversionTable, tree: list[Relation], *, lock_ms: int) -> None:
    """On a partitioned table it goes down to the partitions; the CHECKs have done their work then."""
    drops = [
        sql.SQL("alter table {} drop constraint {}").format(r.sql, sql.Identifier(_check_name(r)))
        for r in _leftovers(tree)
    ]
    change_schema(
        table,
        sql.SQL("alter table {} alter column org_id set not null").format(tree[0].sql),
        *drops,
        phase=Phase.CONSTRAIN,
        kind="not_null",
        name=tree[0].text,
        undo=sql.SQL("alter table {} alter column org_id drop not null").format(tree[0].sql),
        lock_ms=lock_ms,
        lock=sql.SQL("lock table {} in access exclusive mode").format(tree[0].sql),
    )


def _validate(table: ConversionTable, relation: Relation, name: str, lock_ms: int) -> None:
    _step(table, relation, sql.SQL("alter table {} validate constraint {}"), name, "validated", None, lock_ms)


def _step(
    table: ConversionTable,
    relation: Relation,
    statement: sql.SQL,
    name: str,
    kind: str,
    undo: sql.SQL | None,
    lock_ms: int,
) -> None:
    """Statement and undo hold the table and the constraint's name."""
    names = (relation.sql, sql.Identifier(name))
    change_schema(
        table,
        statement.format(*names),
        phase=Phase.CONSTRAIN,
        kind=kind,
        name=f"{relation.text} {name}",
        undo=undo.format(*names) if undo else None,
        lock_ms=lock_ms,
    )
