"""The foreign key to organizations: checked beside readers and writers; partitions first, then their parent's."""

from django.conf import settings
from psycopg import sql

from postgres.names import bound_name
from tenants.backfill.changes import change_schema
from tenants.backfill.phases.relations import Relation, fetch_all, fetch_qualified, read_tree
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


def check_org_key(table: ConversionTable, *, lock_ms: int) -> None:
    """Every partition's key, validated; then one on the parent, which takes them over without looking at a row."""
    tree = read_tree(table)
    for relation in [r for r in tree if not r.partitioned]:
        if find_key(relation) is None:
            add_key(table, relation, " not valid", lock_ms=lock_ms)
        _validate(table, relation, lock_ms=lock_ms)
    if tree[0].partitioned and find_key(tree[0]) is None:
        add_key(table, tree[0], "", lock_ms=lock_ms)
    elif tree[0].partitioned:
        _validate(table, tree[0], lock_ms=lock_ms)


def find_key(relation: Relation) -> tuple[str, bool] | None:
    """Its name, and whether it is validated."""
    organizations = sql.Identifier(settings.TENANTRY_SCHEMA, "organizations").as_string(None)
    rows = fetch_all(FIND, [relation.oid, organizations])
    return (rows[0][0], rows[0][1]) if rows else None


def add_key(table: ConversionTable, relation: Relation, checking: str, *, lock_ms: int) -> None:
    """fk_<table>_org_id."""
    name = bound_name(f"fk_{relation.name}_org_id")
    change_schema(
        table,
        sql.SQL(
            "alter table {} add constraint {} foreign key (org_id) references {} (id) on delete cascade" + checking
        ).format(relation.sql, sql.Identifier(name), sql.Identifier(settings.TENANTRY_SCHEMA, "organizations")),
        phase=Phase.CONSTRAIN,
        kind="foreign_key",
        name=f"{relation.text} {name}",
        undo=sql.SQL("alter table {} drop constraint if exists {}").format(relation.sql, sql.Identifier(name)),
        lock_ms=lock_ms,
        lock=sql.SQL("lock table {}, {} in share row exclusive mode").format(
            relation.sql, sql.Identifier(settings.TENANTRY_SCHEMA, "organizations")
        ),
    )


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
