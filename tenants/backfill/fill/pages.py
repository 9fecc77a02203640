"""Ranges of pages: for tables without a key, and the ground under the HOT passes."""

import math
from collections.abc import Callable

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.fill.relations import Relation
from tenants.backfill.fill.steps import Bounds, Cursor, Step

Place = list[int]
"""Page and line pointer."""


class Pages:
    """Row places from one (inclusive) to another (exclusive); single rows where a page holds one that fails."""

    careful = False

    def __init__(self, relation: Relation) -> None:
        self.relation = relation

    def next_step(self, db: CursorWrapper, bounds: Bounds, cursor: Cursor, size: int) -> Step | None:
        first: Place = cursor or bounds["from"]
        until: Place = bounds["until"]
        if first >= until:
            return None
        upto = min(self._advance(first, size), until)
        pages = upto[0] - first[0] + (upto[1] - first[1]) / self.relation.last_offset
        return Step(
            condition=compose_places(first, upto),
            cursor=upto,
            bounds={**bounds, "from": first, "until": upto},
            passed=round(pages * self.relation.rows_per_page),
            single=upto == [first[0], first[1] + 1],
            # What is left of a share is quick for being little.
            steers=upto < until,
            describe=f"places ({first[0]},{first[1]}) up to ({upto[0]},{upto[1]}) of {self.relation.label}",
        )

    def split(self, db: CursorWrapper, parts: int) -> list[Bounds]:
        """Cut at whole pages; rows that come to lie beyond the last page are the fill trigger's."""
        pages = self.relation.pages
        width = max(1, math.ceil(pages / parts))
        return [
            {"oid": self.relation.oid, "from": [first, 0], "until": [min(pages, first + width), 0]}
            for first in range(0, pages, width)
        ]

    def _advance(self, first: Place, size: int) -> Place:
        page, offset = first
        whole = int(size / self.relation.rows_per_page)
        if whole:
            return [page + whole, 0]
        return [page, offset + size] if offset + size <= self.relation.last_offset else [page + 1, 0]


def compose_places(first: Place, until: Place) -> Callable[[str], sql.Composable]:
    """A condition that a TID range scan serves."""

    def condition(alias: str) -> sql.Composable:
        return sql.SQL("{ctid} >= {first}::tid and {ctid} < {until}::tid").format(
            ctid=sql.Identifier(alias, "ctid"),
            first=sql.Literal(f"({first[0]},{first[1]})"),
            until=sql.Literal(f"({until[0]},{until[1]})"),
        )

    return condition
