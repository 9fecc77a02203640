"""What the engine tells whoever shows it: it yields these, and never prints."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """Something that happened to one table, or to the conversion where there is none."""

    table: str

    def as_json(self) -> dict[str, Any]:
        return {"event": type(self).__name__.lower(), **asdict(self)}


@dataclass(frozen=True)
class Started(Event):
    """A phase begins on a table."""

    phase: str
    note: str = ""


@dataclass(frozen=True)
class Finished(Event):
    """A phase is done on a table; `note` says what it came to."""

    phase: str
    note: str = ""


@dataclass(frozen=True)
class Batch(Event):
    """A batch was committed, by this process or (`milliseconds` 0) by others meanwhile."""

    rows_passed: int
    rows_total: int
    batch_rows: int
    milliseconds: int
    rate: float
    seconds_left: float | None


@dataclass(frozen=True)
class Held(Event):
    """Work waits: the sentence says until when and because of what; empty once it goes on."""

    reason: str


@dataclass(frozen=True)
class Parked(Event):
    """A table, or a part of it, waits for a person; `remedy` is the next command to type."""

    reason: str
    remedy: str = ""


@dataclass(frozen=True)
class Said(Event):
    """A sentence for the reader: something decided, repaired or worth knowing."""

    sentence: str
