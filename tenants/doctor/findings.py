"""What the doctor finds."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """`error`: something is open or broken; `warning`: it will be, or is slow; `info`: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


LEVELS = tuple(Level)


@dataclass(frozen=True)
class Finding:
    """One thing that does not stand as it should; `remedy` is SQL for the owning login, or a command."""

    check: str
    level: Level
    object: str
    reason: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def sort_key(self) -> tuple[int, str, str, str]:
        return LEVELS.index(self.level), self.check, self.object, self.reason
