"""Who knocks, before anybody knows who it is, as far as the request's own lines tell."""

from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings

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


def read_visitor(request: Any) -> Visitor:
    """For throttles, sessions and the log."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    return Visitor(ip=address_of(request), user_agent=agent, request_id=request_id_of(request))


def address_of(request: Any) -> str:
    """The peer; behind a proxy of ours, the address that the proxy itself saw, which is the last it wrote down."""
    if settings.TRUST_PROXY and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR", "")):
        return str(forwarded.rpartition(",")[2].strip())[:64]
    return str(request.META.get("REMOTE_ADDR", ""))


def request_id_of(request: Any) -> str:
    """As config.requests made or took it over."""
    return str(getattr(getattr(request, "_request", request), "request_id", ""))
