"""Whether this process is alive, and whether it can serve."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from config.prepared import known_migrations
from config.web_login import SURFACES
from postgres.roles import kind_to_act
from tenants.scope import request_scope

logger = logging.getLogger("config.health")
APPLIED = "select private.applied_migrations()"
# Which roles the login may not take, among those that this surface needs.
LACKING = "select array_agg(r) from unnest(%s::text[]) r where not pg_has_role(session_user, r::name, %s)"


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; asks nothing of the database, so that a database's bad minute restarts no web server."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers, knows our key, has had our migrations, and lets us take our roles: else 503."""
    checks = {"database": "not ok", "migrations": "unknown", "roles": "unknown"}
    try:
        with request_scope("service", reason="readyz"), connection.cursor() as cursor:
            checks["database"] = "ok"
            for name, check in CHECKS.items():
                checks[name] = "ok" if check(cursor) else "not ok"
    except Error as error:
        # For the log only: what a database says names hosts and logins.
        logger.warning("not ready: %s", error)
    ready = set(checks.values()) == {"ok"}
    status = "ok" if ready else "not ready"
    response = JsonResponse({"status": status, "checks": checks}, status=200 if ready else 503)
    response["Cache-Control"] = "no-store"
    return response


def has_migrations(cursor: Any) -> bool:
    cursor.execute(APPLIED)
    return known_migrations() <= set(cursor.fetchone()[0])


def has_roles(cursor: Any) -> bool:
    kind = kind_to_act(connection.connection.info.server_version)
    cursor.execute(LACKING, [list(SURFACES[settings.TENANTRY_SURFACE]), kind])
    return not cursor.fetchone()[0]


CHECKS: dict[str, Callable[[Any], bool]] = {"migrations": has_migrations, "roles": has_roles}
