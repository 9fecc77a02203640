"""Batches in the order of a key: where row places cannot be relied on, or passes bring nothing."""

from collections.abc import Callable
from typing import Any

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.fill.relations import Relation
from tenants.backfill.fill.steps import Bounds, Cursor, Step

# So many candidates per cut make shares of nearly the same size.
CANDIDATES_PER_PART = 30
Key = list[str]


class KeyBatches:
    """Rows after one key (exclusive) up to another (inclusive); keys as PostgreSQL writes them."""

    careful = False

    def __init__(self, relation: Relation) -> None:
        self.relation = relation

    def next_step(self, db: CursorWrapper, bounds: Bounds, cursor: Cursor, size: int) -> Step | None:
        after: Key | None = cursor or bounds["after"]
        found = self._find_end(db, after, bounds["upto"], size)
        if found is None:
            return None
        upto, seen = found
        return Step(
            condition=self._compose_range(after, upto),
            cursor=upto,
            bounds={**bounds, "after": after, "upto": upto},
            passed=seen,
            single=seen == 1,
            describe=f"keys {f'after {after} ' if after else ''}up to {upto} of {self.relation.label}",
        )

    def split(self, db: CursorWrapper, parts: int) -> list[Bounds]:
        """Cut at keys of rows taken at random; rows beyond the greatest key of now are the fill trigger's."""
        last = self._find_last(db)
        if last is None:
            return []
        cuts = [*self._find_cuts(db, parts, last), last]
        return [
            {"oid": self.relation.oid, "after": after, "upto": upto}
            for after, upto in zip([None, *cuts], cuts, strict=False)
        ]

    def _find_end(self, db: CursorWrapper, after: Key | None, upto: Key, size: int) -> tuple[Key, int] | None:
        db.execute(
            sql.SQL(
                "select {texts}, count(*) over () from"
                " (select {key} from {table} as t where {range} order by {key} limit {size}) page"
                " order by {backwards} limit 1"
            ).format(
                # Qualified on both sides: a bare name in ORDER BY would mean the text, and sort 99 behind 100.
                texts=self._texts("page"),
                key=self._list("t"),
                table=self.relation.sql,
                range=self._compose_range(after, upto)("t"),
                size=sql.Literal(size),
                backwards=self._list("page", " desc"),
            ),
            None,
        )
        row = db.fetchone()
        return None if row is None else (list(row[:-1]), row[-1])

    def _find_last(self, db: CursorWrapper) -> Key | None:
        query = sql.SQL("select {texts} from {table} as t order by {backwards} limit 1")
        db.execute(
            query.format(texts=self._texts("t"), table=self.relation.sql, backwards=self._list("t", " desc")), None
        )
        row = db.fetchone()
        return None if row is None else list(row)

    def _find_cuts(self, db: CursorWrapper, parts: int, last: Key) -> list[Key]:
        wanted = parts * CANDIDATES_PER_PART
        share = min(100.0, 100.0 * wanted / max(1, self.relation.rows_guessed))
        if parts < 2:
            return []
        db.execute(
            sql.SQL(
                "select {texts} from"
                " (select {key}, row_number() over (order by {key}) as place, count(*) over () as all_of"
                " from {table} as t tablesample bernoulli ({share}) where {range}) page"
                " where all_of >= {parts} and place % (all_of / {parts}) = 0 and place <= all_of - all_of / {parts}"
                " order by place"
            ).format(
                texts=self._texts("page"),
                key=self._list("t"),
                table=self.relation.sql,
                share=sql.Literal(share),
                range=self._compose_range(None, last)("t"),
                parts=sql.Literal(parts),
            ),
            None,
        )
        return [list(row) for row in db.fetchall() if list(row) != last]

    def _compose_range(self, after: Key | None, upto: Key) -> Callable[[str], sql.Composable]:
        def condition(alias: str) -> sql.Composable:
            key = sql.SQL("({})").format(self._list(alias))
            end = sql.SQL("{} <= {}").format(key, _compose_values(upto))
            return end if after is None else sql.SQL("{} > {} and {}").format(key, _compose_values(after), end)

        return condition

    def _list(self, alias: str, suffix: str = "") -> sql.Composed:
        return sql.SQL(", ").join(sql.Identifier(alias, name) + sql.SQL(suffix) for name in self.relation.key)

    def _texts(self, alias: str) -> sql.Composed:
        return sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(alias, name)) for name in self.relation.key)


def _compose_values(values: list[Any]) -> sql.Composed:
    """Without a type, so that each takes the type of the column it is compared with."""
    return sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, values)))
