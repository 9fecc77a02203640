"""Which way through the rows is the quickest safe one here, and the sentence that says why."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db.backends.utils import CursorWrapper

from tenants.backfill.fill.hot_passes import PASSES, HotPasses
from tenants.backfill.fill.keysets import KeyBatches
from tenants.backfill.fill.pages import Pages
from tenants.backfill.fill.relations import Relation
from tenants.backfill.fill.snapshots import find_snapshots, find_stubborn
from tenants.backfill.fill.steps import Strategy

CHECK: Final = "check"
HOT: Final = "hot_passes"
KEYS: Final = "keyset"
PAGES: Final = "pages"
STRATEGIES: Final[dict[str, Callable[[Relation], Strategy]]] = {HOT: HotPasses, KEYS: KeyBatches, PAGES: Pages}
# Above, a page holds too few rows for one pass to make room for the next.
WIDEST_ROW = 1_000
# Less free room than this in the first pass's pages, and there is nothing to win below this many pages.
FEWEST_PAGES = 8
LOOK_TWICE = 0.3


@dataclass(frozen=True)
class Choice:
    """A strategy's name, and why."""

    strategy: str
    reason: str


def choose_strategy(db: CursorWrapper, relations: list[Relation], *, constant: bool) -> Choice:
    """Choose once for a table, the same way for all of its leaves."""
    if constant:
        return Choice(CHECK, "every row has the organization as the column's default: nothing is written, only checked")
    keyed = all(relation.key for relation in relations)
    fallback = KEYS if keyed else PAGES
    if _has_citus(db):
        return (
            Choice(KEYS, "Citus shards this database: row places mean nothing there") if keyed else _refuse(relations)
        )
    if obstacle := find_obstacle(relations):
        why = "batches by key" if keyed else "ranges of pages, for want of a key"
        return Choice(fallback, f"{why}: {obstacle}, so that no update can be heap-only")
    return Choice(HOT, f"{PASSES} passes over each range of pages, most updates stay in their page{_warn(db)}")


def find_obstacle(relations: list[Relation]) -> str:
    """Why updates of org_id cannot be heap-only, or would not pay; empty when they do."""
    for relation in relations:
        if not relation.heap:
            return f"{relation.label} is no heap table"
        if relation.org_indexed:
            return f"an index of {relation.label} uses org_id already"
        width = relation.block_size / relation.rows_per_page
        if relation.rows and width > WIDEST_ROW:
            return f"rows of {relation.label} take {width:.0f} bytes, too few to a page"
    if sum(relation.pages for relation in relations) < FEWEST_PAGES:
        return "the table is small"
    return ""


def _warn(db: CursorWrapper) -> str:
    """An old snapshot is no reason for another way, since it may end at any time; until then passes are left out."""
    before = find_snapshots(db)
    if before:
        time.sleep(LOOK_TWICE)
    stubborn = find_stubborn(before, find_snapshots(db)) if before else []
    return f"; in single passes while {stubborn[0]} keeps an old snapshot open" if stubborn else ""


def _has_citus(db: CursorWrapper) -> bool:
    db.execute("select exists (select from pg_catalog.pg_extension where extname = 'citus')")
    return bool((db.fetchone() or [False])[0])


def _refuse(relations: list[Relation]) -> Choice:
    names = ", ".join(relation.label for relation in relations if not relation.key)
    raise ValueError(f"{names}: on Citus a table needs a key to be filled. Add a primary key, then run again.")


def way_without_passes(relation: Relation) -> Strategy:
    """The way for looks and sweeps, which write little."""
    return Pages(relation) if relation.heap else KeyBatches(relation)
