"""What a batch works on: a range of rows, and the two callables that find one and change one."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from django.db.backends.utils import CursorWrapper

# JSON of the strategy's own making, which no one else reads. None lies before the first row.
Position: TypeAlias = Any


@dataclass(frozen=True)
class Range:
    """Rows after one position (exclusive) up to another (inclusive); `upto` becomes the saved cursor."""

    after: Position
    upto: Position
    seen: int | None = None
    """Rows that the strategy counted in the range, if it counted."""
    last: bool = False
    """Nothing lay beyond it when it was found: the job finishes in the transaction that applies it."""

    def __str__(self) -> str:
        start = "from the start" if self.after is None else f"after {self.after}"
        return f"{start} up to {self.upto}"


class NextRange(Protocol):
    """A strategy: the next range after a position, of about `size` rows, or None when nothing is left."""

    def __call__(self, db: CursorWrapper, after: Position, size: int, /) -> Range | None: ...


class Apply(Protocol):
    """Changes the rows of a range and returns how many; leaves the role as it found it, and never commits."""

    def __call__(self, db: CursorWrapper, rows: Range, /) -> int: ...


@runtime_checkable
class EstimatesRows(Protocol):
    """A strategy that can guess what lies ahead, so that progress has a total."""

    def estimate_rows(self, db: CursorWrapper, after: Position) -> int | None:
        """Guess the rows after a position from statistics, without counting."""
