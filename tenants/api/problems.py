"""Errors as problem details (RFC 9457): one form for all of them, and never the database's own words."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.db import DatabaseError, IntegrityError, OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

from tenants.api.json import write_json
from tenants.errors import Refusal, conflict_from, constraint_sentences
from tenants.scope import ScopeRefused

logger = logging.getLogger("tenantry.api")
MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    412: "Precondition failed",
    413: "Body too large",
    415: "Unsupported media type",
    422: "Unprocessable",
    429: "Too many requests",
    500: "Server error",
    503: "Not available",
}
CODES = {
    400: "invalid",
    401: "not-authenticated",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    412: "precondition-failed",
    413: "body-too-large",
    415: "unsupported-media-type",
    429: "too-many-requests",
    500: "server-error",
    503: "not-available",
}
NOT_FOUND = "There is no such thing, or none that you may know of."
NOBODY = "Sign in, or send a token or an API key that is still good: Authorization: Bearer …"
SENTENCES = {
    400: "This request cannot be used as it is.",
    401: NOBODY,
    403: "Your role does not reach that far.",
    404: NOT_FOUND,
}
# What comes from beneath DRF.
STATUSES = ((ScopeRefused, 401), (Http404, 404), (PermissionDenied, 403), (SuspiciousOperation, 400))
AGAIN = "The database could not do this now; try again in a moment."
REFERRED = "Something else still refers to this."
# By sqlstate: status, code and sentence.
REFUSED = {
    "23502": (400, "invalid", "Something that is needed is missing."),
    "23503": (400, "invalid", "This refers to something that is not there."),
    "23505": (409, "conflict", "There is one like this already."),
    "23514": (400, "invalid", "A value is not allowed here."),
    "42501": (403, "not-allowed", "Your role does not reach that far."),
    "54000": (400, "invalid", "A value is too long."),
}


class ApiProblem(exceptions.APIException):
    """A problem that a screen itself finds."""

    def __init__(
        self, status: int, detail: str, code: str = "", *, errors: Any = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail, code or CODES[status])
        self.status_code = status
        self.code = code or CODES[status]
        self.errors = errors or {}
        self.headers = headers or {}


def problem(status: int, detail: str, code: str = "", errors: Any = None) -> dict[str, Any]:
    """The body; `errors` is always there, so that clients need not ask."""
    return {
        "type": code or CODES.get(status, "about:blank"),
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "errors": errors or {},
    }


def problem_response(status: int, detail: str, code: str = "") -> HttpResponse:
    """The same outside of DRF: for addresses that there are none of, and for accidents."""
    response = HttpResponse(write_json(problem(status, detail, code)), status=status, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "private, no-store"
    return response


def answer_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None: an accident, which Django logs and answers with 500."""
    found = describe(error, context)
    if found is None:
        return None
    headers = dict(getattr(error, "headers", None) or {})
    if found["status"] == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="tenantry"'
    wait = getattr(error, "retry_after", None) or getattr(error, "wait", None)
    if found["status"] == 503:
        # The client learns no more than that; the operator must.
        logger.error("the database could not answer: %s", error)
    if wait or found["status"] == 503:
        headers["Retry-After"] = str(int(wait or 1))
    return Response(found, status=found["status"], headers=headers, content_type=MEDIA_TYPE)


def describe(error: Exception, context: dict[str, Any]) -> dict[str, Any] | None:
    """What happened, as a problem."""
    if isinstance(error, DatabaseError):
        return describe_database(error, context)
    if isinstance(error, exceptions.ValidationError | ValidationError):
        told = as_errors(error.detail) if isinstance(error, exceptions.ValidationError) else django_errors(error)
        return problem(400, "Some of this cannot be used as it is.", errors=told)
    match error:
        case Refusal():
            return problem(error.status, error.sentence, error.code, getattr(error, "errors", None))
        case ApiProblem():
            return problem(error.status_code, str(error.detail), error.code, error.errors)
        case exceptions.APIException():
            known = error.status_code in (401, 403, 404)
            sentence = SENTENCES[error.status_code] if known else str(error.detail)
            return problem(error.status_code, sentence)
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), None)
    return problem(status, SENTENCES[status]) if status else None


def as_errors(detail: Any) -> dict[str, Any]:
    """By field; what belongs to none is under `non_field_errors`, rows of a bulk under their number."""
    if isinstance(detail, dict):
        return {str(k): as_errors(v) if isinstance(v, dict) else v for k, v in detail.items()}
    rows = {str(number): as_errors(row) for number, row in enumerate(detail) if row and isinstance(row, dict)}
    return rows or {"non_field_errors": detail}


def django_errors(error: ValidationError) -> dict[str, Any]:
    if hasattr(error, "error_dict"):
        return {"non_field_errors" if k == "__all__" else k: list(v) for k, v in error.message_dict.items()}
    return {"non_field_errors": list(error.messages)}


def describe_database(error: DatabaseError, context: dict[str, Any]) -> dict[str, Any] | None:
    """What the database refuses, in words of ours; an error that nobody foresaw stays an accident."""
    if isinstance(error, IntegrityError) and (conflict := conflict_from(error)):
        return problem(conflict.status, conflict.sentence, conflict.code)
    found = getattr(error.__cause__, "diag", None)
    state = str(getattr(error.__cause__, "sqlstate", None) or "")
    if state == "23503" and getattr(context.get("view"), "action", "") == "destroy":
        return problem(409, REFERRED)
    if state in REFUSED:
        status, code, sentence = REFUSED[state]
        return problem(status, constraint_sentences().get(getattr(found, "constraint_name", "") or "", sentence), code)
    if state.startswith("22"):
        return problem(400, "A value cannot be stored as it is.")
    # A connection that was lost, a lock that was not got, two that waited for each other: all pass.
    if isinstance(error, OperationalError):
        return problem(503, AGAIN)
    return None
