"""A step: the rows of one batch, and where the share stands after it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.fill.relations import Relation

# JSON in a strategy's own words; None lies before the first row of a share.
Cursor: TypeAlias = Any
Bounds: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """Rows that one batch looks at. The conditions of a share's steps cover its rows without gap."""

    condition: Callable[[str], sql.Composable]
    """Given the alias of the relation."""
    cursor: Cursor
    """Saved with the rows."""
    bounds: Bounds
    """The same rows as a share of their own, to be parked."""
    passed: int
    """Rows that lie behind the share when this is committed: counted or guessed."""
    single: bool
    """Whether it cannot be made smaller."""
    describe: str
    fresh: bool = False
    """Whether no batch has written in these pages before."""
    steers: bool = True
    """Whether its time says how many rows the next one should have."""


class Strategy(Protocol):
    """A way through the rows of a share."""

    careful: bool
    """Set after a failure, and while passes do not pay: plain ranges, as small as asked for."""

    def next_step(self, db: CursorWrapper, bounds: Bounds, cursor: Cursor, size: int) -> Step | None:
        """The rows after the cursor, about `size` of them; None when the share is done."""

    def split(self, db: CursorWrapper, parts: int) -> list[Bounds]:
        """Cut the relation, as large as it is now, into shares."""


RelationStrategy: TypeAlias = Callable[[Relation], Strategy]
