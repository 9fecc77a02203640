"""The catalog of our two schemas, as rows to write down; partitions are their table's business."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

RELATIONS = """
select c.oid, n.nspname, c.relname, c.relkind::text, coalesce(obj_description(c.oid, 'pg_class'), ''),
    coalesce(pg_get_partkeydef(c.oid), ''), c.relrowsecurity, c.relforcerowsecurity
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and n.nspname = any(%(schemas)s)
order by n.nspname <> %(ours)s, c.relname
"""
COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity <> '', a.attgenerated <> '',
    coalesce(pg_get_expr(d.adbin, d.adrelid), ''), coalesce(col_description(a.attrelid, a.attnum), '')
from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = %(table)s and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
# From 18 on the catalog keeps NOT NULL as constraints; the columns say it.
CONSTRAINTS = """
select k.conname, k.contype::text, pg_get_constraintdef(k.oid) from pg_constraint k
where k.conrelid = %(table)s and k.contype in ('p', 'u', 'f', 'c') and k.conparentid = 0
order by position(k.contype::text in 'pufc'), k.conname
"""
INDEXES = """
select i.relname, pg_get_indexdef(x.indexrelid), x.indisunique, coalesce(pg_get_expr(x.indpred, x.indrelid), ''),
    (select min(k.conname::text) from pg_constraint k where k.conrelid = x.indrelid and k.contype = 'f'
        and pg_get_constraintdef(k.oid) not like 'FOREIGN KEY (org_id) %%'
        and (x.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
from pg_index x join pg_class i on i.oid = x.indexrelid
where x.indrelid = %(table)s and not exists (select from pg_constraint k where k.conindid = x.indexrelid
    and k.contype in ('p', 'u', 'x')) order by i.relname
"""
POLICIES = """
select p.polname, p.polcmd::text,
    (select string_agg(pg_get_userbyid(r)::text, ', ' order by pg_get_userbyid(r)) from unnest(p.polroles) r),
    coalesce(pg_get_expr(p.polqual, p.polrelid), ''), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
from pg_policy p where p.polrelid = %(table)s order by p.polname
"""
GRANTS = """
select pg_get_userbyid(g.grantee), string_agg(lower(g.what), ', ' order by g.what) from (
    select a.grantee, a.privilege_type as what from pg_class c, aclexplode(c.relacl) a where c.oid = %(table)s
    union
    select a.grantee, a.privilege_type || ' (' || string_agg(quote_ident(t.attname), ', ' order by t.attnum) || ')'
    from pg_attribute t, aclexplode(t.attacl) a where t.attrelid = %(table)s and t.attnum > 0
    group by a.grantee, a.privilege_type
) g where g.grantee <> (select relowner from pg_class where oid = %(table)s) group by 1 order by 1
"""
TRIGGERS = """
select t.tgname, pg_get_triggerdef(t.oid) from pg_trigger t
where t.tgrelid = %(table)s and not t.tgisinternal and t.tgparentid = 0 order by t.tgname
"""
PARTS = {
    "columns": COLUMNS,
    "constraints": CONSTRAINTS,
    "indexes": INDEXES,
    "policies": POLICIES,
    "grants": GRANTS,
    "triggers": TRIGGERS,
}


@dataclass(frozen=True)
class Relation:
    """A table with everything that stands on it."""

    schema: str
    name: str
    kind: str
    comment: str
    partitioned_by: str
    secured: bool
    forced: bool
    columns: list[Any] = field(default_factory=list)
    constraints: list[Any] = field(default_factory=list)
    indexes: list[Any] = field(default_factory=list)
    policies: list[Any] = field(default_factory=list)
    grants: list[Any] = field(default_factory=list)
    triggers: list[Any] = field(default_factory=list)


@contextmanager
def catalog_cursor() -> Iterator[Any]:
    """Names of our own schema come without it, whatever it is called."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("set local search_path = {}, pg_catalog").format(sql.Identifier(settings.TENANTRY_SCHEMA))
        )
        yield cursor
        cursor.execute("set local search_path to default")


def read_relations() -> list[Relation]:
    """Every table of ours, those of the exposed schema first."""
    ours = settings.TENANTRY_SCHEMA
    with catalog_cursor() as cursor:
        cursor.execute(RELATIONS, {"schemas": [ours, "private"], "ours": ours})
        return [read_relation(cursor, *row) for row in cursor.fetchall()]


def read_relation(cursor: Any, oid: int, schema: str, *row: Any) -> Relation:
    parts = {}
    for name, statement in PARTS.items():
        cursor.execute(statement, {"table": oid})
        parts[name] = cursor.fetchall()
    return Relation("" if schema == settings.TENANTRY_SCHEMA else schema, *row, **parts)
