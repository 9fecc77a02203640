"""Every request has an id: taken from the proxy or made here, sent back, and written to the log."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from postgres.keys import new_id

ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
HEADER = "X-Request-ID"


class RequestIdMiddleware:
    """Sets `request.request_id`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request.request_id = given if ACCEPTED.fullmatch(given) else str(new_id())  # type: ignore[attr-defined]
        response = self.get_response(request)
        response[HEADER] = request.request_id  # type: ignore[attr-defined]
        return response
