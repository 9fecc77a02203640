"""ETags: a hash of what is shown, so that whoever changes it can say which state they saw."""

import hashlib
from typing import Any

from tenants.api.json import write_json
from tenants.api.problems import ApiProblem

CHANGED = "This has changed since you read it; read it again, then repeat."


def etag_of(row: dict[str, Any]) -> str:
    return f'"{hashlib.sha256(write_json(row)).hexdigest()[:32]}"'


def require_match(request: Any, row: dict[str, Any]) -> None:
    """Honour If-Match where it was sent; weak ETags never match here."""
    sent = request.META.get("HTTP_IF_MATCH")
    if sent is None or sent.strip() == "*":
        return
    if etag_of(row) not in {tag.strip() for tag in sent.split(",")}:
        raise ApiProblem(412, CHANGED, "precondition-failed")
