"""The relations in which a table's rows lie: itself, or its leaves, with what a strategy has to know of each."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.backends.utils import CursorWrapper
from psycopg import sql

# An index that uses org_id in any way (key, expression, predicate) keeps updates from being heap-only.
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
    current_setting('block_size')::int
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
    db.execute(READ, {"oid": oid})
    return [_make_relation(row) for row in db.fetchall()]


def _make_relation(row: tuple[Any, ...]) -> Relation:
    oid, schema, name, pages, rows, columns, key, indexed, heap, block = row
    return Relation(oid, schema, name, pages, rows, tuple(columns or ()), tuple(key or ()), indexed, heap, block)
