"""What can be wrong with a sealed log, and the sentence that says so."""

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Fault:
    """The first thing wrong in one chain."""

    org_id: uuid.UUID
    position: int
    kind: str
    what: str
    log_id: uuid.UUID | None = None
    created_at: datetime | None = None

    def sentence(self, org: str) -> str:
        row = f", log row {self.log_id} of {self.created_at:%Y-%m-%d %H:%M:%S.%f%z}" if self.created_at else ""
        return f"{org}, position {self.position}{row}: {self.what}."

    def as_json(self, org: str) -> dict[str, str | int | None]:
        return {
            "org": org,
            "org_id": str(self.org_id),
            "position": self.position,
            "log_id": str(self.log_id) if self.log_id else None,
            "created_at": self.created_at.isoformat() if self.created_at else None,
            "kind": self.kind,
            "what": self.what,
        }


# A removed seal explains the row without one that it leaves behind.
ORDER = ("cut off", "removed", "swapped", "seal changed", "edited", "added", "rewritten")


def keep_first(faults: list[Fault]) -> list[Fault]:
    """The first fault of each chain; where a row lost its seal, the fault of the seal takes the row's name."""
    first: dict[uuid.UUID, Fault] = {}
    for fault in sorted(faults, key=lambda f: (f.position, ORDER.index(f.kind))):
        known = first.setdefault(fault.org_id, fault)
        if known.log_id is None and known.position == fault.position and fault.log_id:
            first[fault.org_id] = Fault(
                known.org_id, known.position, known.kind, known.what, fault.log_id, fault.created_at
            )
    return sorted(first.values(), key=lambda f: f.org_id)
