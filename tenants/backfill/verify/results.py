"""What a proof says, and whether it holds."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Result:
    """One check of one table: how many rows or objects speak against it, and a few of them."""

    table: str
    check: str
    faults: int
    sentence: str
    examples: tuple[str, ...] = ()
    remedy: str = ""
    warning: bool = False
    """What was found is to be known, and speaks against nothing."""

    @property
    def holds(self) -> bool:
        return self.warning or self.faults == 0

    @property
    def warns(self) -> bool:
        return self.warning and self.faults > 0


@dataclass(frozen=True)
class Proof:
    """All checks of a conversion, with the counts that a reader compares."""

    conversion: int
    results: tuple[Result, ...]
    rows: dict[str, int] = field(default_factory=dict)
    """Rows per table."""
    orgs: dict[str, dict[str, int]] = field(default_factory=dict)
    """Rows per organization (slug), per table."""
    phases: dict[str, str] = field(default_factory=dict)
    batches: int = 0
    exempt: tuple[str, ...] = ()
    at: str = ""
    server: str = ""

    @property
    def holds(self) -> bool:
        return all(result.holds for result in self.results)

    def as_json(self) -> dict[str, Any]:
        return {"holds": self.holds, **asdict(self)}
