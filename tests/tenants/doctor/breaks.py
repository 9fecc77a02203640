"""Ways to break a database, and what the doctor has to say about each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Break:
    """SQL that the owning login could run, the check that notices, and a part of what it says about which object."""

    check: str
    title: str
    sql: str
    object: str
    reason: str
    level: str = "error"

    def __str__(self) -> str:
        return f"{self.check}: {self.title}"
