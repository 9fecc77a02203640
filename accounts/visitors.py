"""Who knocks, before anybody knows who it is."""

from dataclasses import dataclass, fields

LONGEST = 300


@dataclass(frozen=True)
class Visitor:
    """Where a request comes from: for throttles, for the list of sessions, and for the log."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""

    def __post_init__(self) -> None:
        """Kept as far as PostgreSQL can hold it: headers are what strangers write."""
        for part in fields(self):
            written = getattr(self, part.name).encode(errors="replace").decode().replace("\0", "")
            object.__setattr__(self, part.name, written[:LONGEST])
