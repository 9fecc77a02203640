"""The relations in which a table's rows lie: itself, or its leaves, with what a strategy has to know of each."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from postgres.roles import BATCH

# An index that uses org_id in any way (key, expression, predicate) keeps updates from being heap-only.
# Steady columns: one for each index, unless writing it as it is would be felt. Of a unique index it locks the row for
# whoever refers to it; a generated column would be worked out again, a trigger on the column would fire.
READ = """
with recursive tree (oid) as (
    select %(oid)s::oid union select i.inhrelid from pg_catalog.pg_inherits i join tree on tree.oid = i.inhparent
)
select c.oid, n.nspname, c.relname,
    pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::int, greatest(c.reltuples, 0)::bigint,
    (select array_agg(a.attname::text order by a.attnum) from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attname <> 'org_id'),
    (select array_agg(a.attname::text order by k.place)
        from unnest(key.indkey::int2[]) with ordinality k (attnum, place)
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum where k.place <= key.indnkeyatts),
    exists (select from pg_catalog.pg_depend d join pg_catalog.pg_class i on i.oid = d.objid and i.relkind in ('i', 'I')
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
        where d.classid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum),
    c.relam = (select oid from pg_catalog.pg_am where amname = 'heap'),
    current_setting('block_size')::int, steady.names, steady.closed
from tree join pg_catalog.pg_class c using (oid) join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join lateral (
    select i.indkey, i.indnkeyatts from pg_catalog.pg_index i
    join pg_catalog.pg_class x on x.oid = i.indexrelid join pg_catalog.pg_am m on m.oid = x.relam
    where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indimmediate and m.amname = 'btree'
        and i.indpred is null and i.indexprs is null
        and not exists (select from unnest(i.indkey::int2[]) with ordinality k (attnum, place)
            join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
            where k.place <= i.indnkeyatts and not a.attnotnull)
    order by i.indisprimary desc, i.indnkeyatts, i.indexrelid limit 1
) key on true
left join lateral (
    select array_agg(attname::text order by attname) as names,
        array_agg(attname::text) filter (where not has_column_privilege(%(batch)s, c.oid, attnum, 'UPDATE')) as closed
    from (select distinct on (i.indexrelid) a.attname, a.attnum
        from pg_catalog.pg_index i
        join pg_catalog.pg_class x on x.oid = i.indexrelid join pg_catalog.pg_am m on m.oid = x.relam
        cross join unnest(i.indkey::int2[]) with ordinality k (attnum, place)
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
        where i.indrelid = c.oid and i.indislive and not i.indisunique and m.amname = 'btree'
            and k.place <= i.indnkeyatts and a.attidentity <> 'a'
            and not exists (select from pg_catalog.pg_index u
                where u.indrelid = c.oid and u.indisunique and a.attnum = any(u.indkey::int2[]))
            and not exists (select from pg_catalog.pg_trigger t
                where t.tgrelid = c.oid and not t.tgisinternal and a.attnum = any(t.tgattr::int2[]))
        order by i.indexrelid, k.place) s
    where not exists (select from pg_catalog.pg_attribute g where g.attrelid = c.oid and g.attgenerated <> '')
) steady on true
where c.relkind = 'r' order by n.nspname, c.relname
"""
SMALLEST_TUPLE = 28


@dataclass(frozen=True)
class Relation:
    """A table or leaf that holds rows itself."""

    oid: int
    schema: str
    name: str
    pages: int
    rows: int
    columns: tuple[str, ...]
    """All but org_id."""
    key: tuple[str, ...]
    """Of a unique, complete, NOT NULL index; empty where there is none."""
    org_indexed: bool
    heap: bool
    block_size: int
    steady: tuple[str, ...]
    """Indexed columns that a batch may write as they are; what for is told in statements.py."""
    closed: tuple[str, ...]
    """Those among them that the batch role has no right to yet."""

    @cached_property
    def sql(self) -> sql.Composed:
        """The relation and nothing that inherits from it."""
        return sql.SQL("only {}").format(sql.Identifier(self.schema, self.name))

    @property
    def label(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def rows_per_page(self) -> float:
        """By statistics; before the first ANALYZE an ordinary guess."""
        return max(1.0, self.rows / self.pages) if self.rows and self.pages else 60.0

    @property
    def rows_guessed(self) -> int:
        return self.rows or int(self.pages * 60)

    @property
    def last_offset(self) -> int:
        """No line pointer of a page lies beyond."""
        return self.block_size // SMALLEST_TUPLE


def read_relations(db: CursorWrapper, oid: int) -> list[Relation]:
    """Read the facts of a table's relations as they are now."""
    db.execute(READ, {"oid": oid, "batch": BATCH})
    return [_make_relation(row) for row in db.fetchall()]


def _make_relation(row: tuple[Any, ...]) -> Relation:
    oid, schema, name, pages, rows, columns, key, indexed, heap, block, steady, closed = row
    lists = (tuple(names or ()) for names in (columns, key, steady, closed))
    columns, key, steady, closed = lists
    return Relation(oid, schema, name, pages, rows, columns, key, indexed, heap, block, steady, closed)
