"""Foreign keys between converted tables, as they stand, and in the form that cannot leave an organization."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from postgres.names import bound_name
from tenants.backfill.phases.indexes import join_names
from tenants.backfill.phases.relations import Relation, as_login, fetch_all, fetch_qualified

ACTIONS = {"a": "", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
KEYS = """
with recursive down (root, oid) as (
    select o, o from unnest(%s::oid[]) o
    union all
    select d.root, i.inhrelid from down d join pg_catalog.pg_inherits i on i.inhparent = d.oid
        join pg_catalog.pg_class c on c.oid = i.inhrelid and c.relispartition
), columns (relid, attnum, name) as (
    select attrelid, attnum, attname::text from pg_catalog.pg_attribute
)
select k.conname, c.root::bigint, p.root::bigint, k.conrelid::bigint, k.confrelid::bigint,
    array(select n.name from unnest(k.conkey) with ordinality u (a, i) join columns n on n.relid = k.conrelid
        and n.attnum = u.a order by u.i),
    array(select n.name from unnest(k.confkey) with ordinality u (a, i) join columns n on n.relid = k.confrelid
        and n.attnum = u.a order by u.i),
    k.confdeltype::text, k.confupdtype::text, k.confmatchtype::text,
    array(select n.name from unnest(k.confdelsetcols) with ordinality u (a, i) join columns n on n.relid = k.conrelid
        and n.attnum = u.a order by u.i),
    k.condeferrable, k.condeferred, k.convalidated, pg_catalog.pg_get_constraintdef(k.oid)
from pg_catalog.pg_constraint k join down c on c.oid = k.conrelid join down p on p.oid = k.confrelid
where k.contype = 'f' and k.conparentid = 0
    -- Over periods, from 18 on: the referenced rows together have to cover one, which no equality says.
    and not coalesce((pg_catalog.to_jsonb(k) ->> 'conperiod')::boolean, false) order by k.conrelid, k.conname
"""


@dataclass(frozen=True)
class PairKey:
    """A foreign key between two converted tables; roots are the tables, relations may be partitions of them."""

    name: str
    child_root: int
    parent_root: int
    child: int
    parent: int
    columns: tuple[str, ...]
    to_columns: tuple[str, ...]
    on_delete: str
    on_update: str
    match: str
    set_columns: tuple[str, ...]
    deferrable: bool
    deferred: bool
    validated: bool
    definition: str

    @property
    def by_org(self) -> bool:
        """Whether it holds the organization already."""
        return "org_id" in self.columns

    @property
    def enforced(self) -> bool:
        """Whether the server looks at it at all; from 18 on one may be a remark only, and stays one."""
        return not self.definition.endswith(" NOT ENFORCED")

    @property
    def temporary_name(self) -> str:
        """While both stand."""
        return bound_name(f"{self.name}_by_org")

    @property
    def stays(self) -> bool:
        """Whether the old one says something that one with org_id cannot: it stays beside it then.

        ON UPDATE SET NULL would empty org_id too, and MATCH FULL would want all columns as soon as org_id is there.
        """
        return self.on_update in ("n", "d") or (self.match == "f" and len(self.columns) > 1)

    def define(self) -> str:
        """What follows ADD CONSTRAINT and its name; the referenced table is filled in."""
        set_columns = self.set_columns or self.columns
        parts = ["foreign key (org_id, {columns}) references {parent} (org_id, {to_columns})"]
        if action := ACTIONS[self.on_delete]:
            parts.append(f"on delete {action}" + (" ({set_columns})" if self.on_delete in ("n", "d") else ""))
        if not self.stays and self.on_update in ("r", "c"):
            parts.append(f"on update {ACTIONS[self.on_update]}")
        # Beside ON UPDATE SET NULL it looks last, when the other one has done its work.
        deferred = self.deferred or self.on_update in ("n", "d")
        if self.deferrable or deferred:
            parts.append("deferrable initially deferred" if deferred else "deferrable")
        if not self.enforced:
            parts.append("not enforced")
        text = " ".join(parts)
        lists = {"columns": self.columns, "to_columns": self.to_columns, "set_columns": set_columns}
        for place, names in lists.items():
            text = text.replace(f"{{{place}}}", join_names(names).as_string(None))
        return text


def read_pairs(oids: Iterable[int]) -> list[PairKey]:
    """Every foreign key between these tables or their partitions."""
    found = fetch_qualified(KEYS, [list(oids)])
    plain: list[list[Any]] = [[tuple(v) if isinstance(v, list) else v for v in row] for row in found]
    return [PairKey(*row) for row in plain]


def list_old(pairs: list[PairKey]) -> Iterator[PairKey]:
    """Those without org_id that no other one with it stands beside."""
    for pair in pairs:
        twins = [p for p in pairs if p.by_org and p.child == pair.child and p.parent == pair.parent]
        covered = any({*p.columns} == {*pair.columns, "org_id"} and p.validated for p in twins)
        if not pair.by_org and not (pair.stays and covered):
            yield pair


def count_crossings(pair: PairKey, child: Relation, parent: Relation) -> tuple[bool, str]:
    """Whether rows point into another organization, and the query that shows them."""
    matches = sql.SQL(" and ").join(
        sql.SQL("c.{} = p.{}").format(sql.Identifier(a), sql.Identifier(b))
        for a, b in zip(pair.columns, pair.to_columns, strict=True)
    )
    query = sql.SQL("from {} c join {} p on {} where c.org_id <> p.org_id").format(child.sql, parent.sql, matches)
    text = query.as_string(None)
    with as_login():
        return bool(fetch_all(f"select exists (select {text})")[0][0]), f"select c.*, p.org_id as parent_org {text}"
