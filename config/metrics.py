"""/metrics in Prometheus's text format, and the middleware that counts, times and logs every request."""

import hmac
import logging
import time
from collections.abc import Callable, Iterator, Mapping

import structlog
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe

from config.metrics_store import BOUNDS, STORE, Name
from tenants.metrics.coverage import partition_coverage
from tenants.scope import request_scope

logger = logging.getLogger("tenantry.requests")
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LOOPBACK = ("127.0.0.1", "::1")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class MetricsMiddleware:
    """The outermost of ours: what it sees is what the client waited for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        self.note(request, response, seconds)
        # The thread goes on to somebody else's request, and gunicorn's own lines belong to none.
        structlog.contextvars.clear_contextvars()
        return response

    def note(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        """Count it, and write its line."""
        # Patterns and known methods only: what a client makes up must not become a time series.
        route = f"/{request.resolver_match.route}" if request.resolver_match else "none"
        method = str(request.method) if request.method in METHODS else "other"
        try:
            STORE.observe(method, route, response.status_code, seconds)
        except OSError as error:
            # This process has counted it all the same: no reason to take an answer back that was given.
            logger.warning("the counts of requests cannot be written: %s", error)
        told = {"method": method, "route": route, "status": response.status_code, "ms": round(seconds * 1000, 1)}
        logger.info("request", extra=told)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For a scraper on this machine, or one that knows TENANTRY_METRICS_TOKEN; for everybody else there is nothing."""
    if not may_scrape(request):
        return HttpResponseNotFound()
    lines = [*render_metrics(), *render_partitions()]
    response = HttpResponse("\n".join(lines) + "\n", content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    return response


def may_scrape(request: HttpRequest) -> bool:
    if token := settings.TENANTRY_METRICS_TOKEN:
        given = request.META.get("HTTP_AUTHORIZATION", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # Behind a proxy on this machine everybody comes from here: then only the token tells.
    forwarded = settings.TRUST_PROXY or "HTTP_X_FORWARDED_FOR" in request.META
    return not forwarded and request.META.get("REMOTE_ADDR") in LOOPBACK


def render_metrics() -> Iterator[str]:
    """Counters and a histogram, over all processes of this server."""
    total = STORE.total()
    yield "# HELP tenantry_requests_total Requests answered."
    yield "# TYPE tenantry_requests_total counter"
    for name, count in sorted(total.items()):
        if name[0] == "requests":
            _, method, route, status = name
            yield f'tenantry_requests_total{{method="{method}",route="{escape(route)}",status="{status}"}} {count}'
    yield "# HELP tenantry_request_seconds How long requests took."
    yield "# TYPE tenantry_request_seconds histogram"
    for route in sorted({name[2] for name in total if name[0] == "requests"}):
        yield from _histogram(route, total)


def _histogram(route: str, total: Mapping[Name, float]) -> Iterator[str]:
    count = sum(value for name, value in total.items() if name[0] == "requests" and name[2] == route)
    label = f'route="{escape(route)}"'
    for bound in BOUNDS:
        below = total.get(("bucket", route, str(bound)), 0)
        yield f'tenantry_request_seconds_bucket{{{label},le="{bound}"}} {below}'
    yield f'tenantry_request_seconds_bucket{{{label},le="+Inf"}} {count}'
    yield f"tenantry_request_seconds_sum{{{label}}} {round(total.get(('seconds', route), 0), 6)}"
    yield f"tenantry_request_seconds_count{{{label}}} {count}"


def render_partitions() -> Iterator[str]:
    """How far ahead the tables by month reach; a database that does not answer leaves the counts of requests be."""
    try:
        with request_scope("service", reason="metrics"):
            found = partition_coverage()
    except Error as error:
        logger.warning("no gauges of partitions: %s", error)
        return
    yield "# HELP tenantry_partition_months_ahead Months after this one that have a partition; -1: not even this one."
    yield "# TYPE tenantry_partition_months_ahead gauge"
    for table in found:
        yield f'tenantry_partition_months_ahead{{table="{table.table}"}} {table.ahead}'
    yield "# HELP tenantry_partition_default_rows Rows that wait in DEFAULT for manage.py maintain, up to 100,000."
    yield "# TYPE tenantry_partition_default_rows gauge"
    for table in found:
        yield f'tenantry_partition_default_rows{{table="{table.table}"}} {table.waiting}'


def escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
