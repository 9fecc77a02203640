"""Who knocks, before anybody knows who it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Visitor:
    """Where a request comes from: for throttles, for the list of sessions, and for the log."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""
