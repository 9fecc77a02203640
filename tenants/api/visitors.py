"""Who knocks, as far as the request's own lines tell."""

from typing import Any

from django.conf import settings

from accounts.visitors import Visitor


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
