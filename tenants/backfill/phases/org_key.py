"""The foreign key to organizations: checked beside readers and writers; partitions first, then their parent's."""

from django.conf import settings
from psycopg import sql

from tenants.backfill.changes import change_schema
from tenants.backfill.derive.expression import read_decisions
from tenants.backfill.derive.objects import foreign_key_name
from tenants.backfill.phases.relations import Relation, fetch_all, fetch_qualified, read_tree, server_version
from tenants.backfill.plan.model import RouteKind
from tenants.models import ConversionTable, Phase

FIND = """
select k.conname, k.convalidated from pg_catalog.pg_constraint k
    join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and k.conkey = array[a.attnum] and a.attname = 'org_id'
where k.conrelid = %s and k.contype = 'f' and k.confrelid = pg_catalog.to_regclass(%s) order by k.convalidated desc
"""
DEFINITION = """
select pg_catalog.pg_get_constraintdef(oid) from pg_catalog.pg_constraint
where conrelid = %s and conname = %s and conparentid = 0
"""


# Of more than this each row of the fill would be looked up in organizations, one by one: a third of its time.
LATE_FROM_BYTES = 8 * 1024 * 1024
UNCHECKED_ON_PARENTS_FROM = 180000


def is_key_late(table: ConversionTable, tree: list[Relation]) -> bool:
    """Whether the key comes when the rows are filled: of large tables whose rows are written one by one."""
    if read_decisions(table).kind is RouteKind.ORG:
        return False
    sizes = fetch_all("select sum(pg_relation_size(oid)) from unnest(%s::oid[]) as r (oid)", [[r.oid for r in tree]])
    return int(sizes[0][0] or 0) >= LATE_FROM_BYTES


def add_unchecked_keys(table: ConversionTable, tree: list[Relation], *, phase: Phase, lock_ms: int) -> None:
    """New rows are held to it from now on, those that stand when the table is constrained; safe to run again."""
    partitioned = tree[0].partitioned
    if not partitioned or server_version() >= UNCHECKED_ON_PARENTS_FROM:
        relations = tree[:1]
    else:
        # Before 18 a partitioned table takes no unchecked key: its leaves do, one by one.
        relations = [relation for relation in tree if not relation.partitioned]
    for relation in relations:
        if find_key(relation) is None:
            add_key(table, relation, " not valid", phase=phase, lock_ms=lock_ms)


def check_org_key(table: ConversionTable, *, lock_ms: int) -> None:
    """Every partition's key, validated; then one on the parent, which takes them over without looking at a row."""
    tree = read_tree(table)
    for relation in [r for r in tree if not r.partitioned]:
        if find_key(relation) is None:
            add_key(table, relation, " not valid", phase=Phase.CONSTRAIN, lock_ms=lock_ms)
        _validate(table, relation, lock_ms=lock_ms)
    if tree[0].partitioned and find_key(tree[0]) is None:
        add_key(table, tree[0], "", phase=Phase.CONSTRAIN, lock_ms=lock_ms)
    elif tree[0].partitioned:
        _validate(table, tree[0], lock_ms=lock_ms)


def find_key(relation: Relation) -> tuple[str, bool] | None:
    """Its name, and whether it is validated."""
    rows = fetch_all(FIND, [relation.oid, _organizations().as_string(None)])
    return (rows[0][0], rows[0][1]) if rows else None


def add_key(table: ConversionTable, relation: Relation, checking: str, *, phase: Phase, lock_ms: int) -> None:
    """fk_<table>_org_id."""
    name = sql.Identifier(foreign_key_name(relation.name))
    change_schema(
        table,
        sql.SQL(
            "alter table {} add constraint {} foreign key (org_id) references {} (id) on delete cascade" + checking
        ).format(relation.sql, name, _organizations()),
        phase=phase,
        kind="foreign_key",
        name=f"{relation.text} {name.as_string(None)}",
        undo=sql.SQL("alter table {} drop constraint if exists {}").format(relation.sql, name),
        lock_ms=lock_ms,
        lock=sql.SQL("lock table {}, {} in share row exclusive mode").format(relation.sql, _organizations()),
    )


def _organizations() -> sql.Identifier:
    return sql.Identifier(settings.TENANTRY_SCHEMA, "organizations")


def _validate(table: ConversionTable, relation: Relation, *, lock_ms: int) -> None:
    found = find_key(relation)
    if found and not found[1]:
        change_schema(
            table,
            sql.SQL("alter table {} validate constraint {}").format(relation.sql, sql.Identifier(found[0])),
            phase=Phase.CONSTRAIN,
            kind="validated",
            name=f"{relation.text} {found[0]}",
            undo=_compose_unchecked(relation, found[0]),
            lock_ms=lock_ms,
        )


def _compose_unchecked(relation: Relation, name: str) -> sql.Composable | None:
    """The key as it is now, unchecked; a partition's that comes from its parent goes back with it."""
    rows = fetch_qualified(DEFINITION, [relation.oid, name])
    if not rows:
        return None
    key = sql.Identifier(name)
    return sql.SQL(
        "alter table {table} drop constraint if exists {key};\nalter table {table} add constraint {key} "
    ).format(table=relation.sql, key=key) + sql.SQL(rows[0][0])
