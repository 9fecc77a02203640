"""HOT passes: each range of pages in several passes, so that the room of one pass's old rows takes the next one's new.

A commit lies between two passes: only then may a page be pruned. What does not fit into its page moves to another,
and costs an entry in every index; most rows stay.
"""

from collections.abc import Callable

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.fill.pages import Pages, compose_places
from tenants.backfill.fill.relations import Relation
from tenants.backfill.fill.steps import Bounds, Cursor, Step

PASSES = 8


class HotPasses:
    """Page ranges in passes; after a failure, and while an old snapshot keeps pages from being pruned, without."""

    careful = False

    def __init__(self, relation: Relation) -> None:
        self.relation = relation
        self.pages = Pages(relation)

    def next_step(self, db: CursorWrapper, bounds: Bounds, cursor: Cursor, size: int) -> Step | None:
        if isinstance(cursor, dict):
            return self._continue(db, bounds, cursor, size)
        if self.careful:
            return self.pages.next_step(db, bounds, cursor, size)
        whole = self.pages.next_step(db, bounds, cursor, size * PASSES)
        return whole and self._make_pass(whole.bounds, 0, steers=whole.steers)

    def split(self, db: CursorWrapper, parts: int) -> list[Bounds]:
        return self.pages.split(db, parts)

    def _continue(self, db: CursorWrapper, bounds: Bounds, cursor: Cursor, size: int) -> Step | None:
        range_bounds = {**bounds, "from": cursor["from"], "until": cursor["until"]}
        if self.careful:
            return self.pages.next_step(db, range_bounds, None, size)
        return self._make_pass(range_bounds, cursor["pass"])

    def _make_pass(self, bounds: Bounds, number: int, *, steers: bool = False) -> Step:
        first, until = bounds["from"], bounds["until"]
        last = number == PASSES - 1
        rows = (until[0] - first[0]) * self.relation.rows_per_page
        return Step(
            condition=_compose_pass(compose_places(first, until), number),
            cursor=until if last else {"from": first, "until": until, "pass": number + 1},
            bounds=bounds,
            passed=round(rows * (number + 1) / PASSES) - round(rows * number / PASSES),
            # A range of passes is never parked: the careful way finds its row.
            single=False,
            fresh=number == 0,
            # Only the first: the others have the same pages, and are quicker, since their rows fit in.
            steers=steers,
            describe=f"pass {number + 1} of {PASSES} over pages {first[0]} to {until[0]} of {self.relation.label}",
        )


def _compose_pass(places: Callable[[str], sql.Composable], number: int) -> Callable[[str], sql.Composable]:
    def condition(alias: str) -> sql.Composable:
        return sql.SQL("{places} and hashtid({ctid}) & {mask} = {number}").format(
            places=places(alias),
            ctid=sql.Identifier(alias, "ctid"),
            mask=sql.Literal(PASSES - 1),
            number=sql.Literal(number),
        )

    return condition
