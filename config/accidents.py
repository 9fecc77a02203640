"""What is answered when there is no such address, or when something went wrong that nobody foresaw."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views import defaults

from tenants.api.problems import NOT_FOUND, SENTENCES, problem_response

BROKEN = "Something went wrong here; it is in our log under the X-Request-ID of this answer."
PREFIXES = ("/api/", "/.well-known/")


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith(PREFIXES)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """400, as a page or as a problem."""
    return problem_response(400, SENTENCES[400]) if is_api(request) else defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404; of the API in the words of a missing row, so that addresses tell nothing either."""
    return problem_response(404, NOT_FOUND) if is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest, *args: Any) -> HttpResponseBase:
    """500; the log has the rest."""
    return problem_response(500, BROKEN) if is_api(request) else defaults.server_error(request)
