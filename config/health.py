"""Whether this process is alive."""

from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; asks nothing of the database, so that a database's bad minute restarts no web server."""
    return JsonResponse({"status": "ok"})
