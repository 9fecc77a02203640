"""Idempotency-Key: a creating request that comes twice creates once and is answered alike, for 24 hours.

The answer is kept encrypted under a key that follows from the client's: it may hold a secret that is shown once.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from rest_framework.response import Response

from tenants.api.base import ask
from tenants.api.json import write_json
from tenants.api.problems import ApiProblem

HEADER = "HTTP_IDEMPOTENCY_KEY"
LONGEST_KEY = 255
SHAPE = re.compile(r"[\x21-\x7e]{1,255}")
CLAIM = "select private.claim_request(%s, %s)::text"
KEEP = "select private.keep_answer(%s, %s, %s)::text"
LOST = (
    "A request with this Idempotency-Key was carried out, and what it was answered can no longer be read. Look whether"
    " what it made is there before you send it again under another key."
)
KEPT = ("Location", "ETag")
Method = Callable[..., Response]


def idempotent(method: Method) -> Method:
    """Honour the header on an action that creates; what was not done may be tried again with the same key."""

    @wraps(method)
    def answer(view: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
        key = request.META.get(HEADER)
        if key is None:
            return method(view, request, *args, **kwargs)
        if not SHAPE.fullmatch(key):
            raise ApiProblem(400, "An Idempotency-Key is 1 to 255 visible ASCII characters.", "idempotency-key-invalid")
        # `digest` is what the database sees of the key: who reads the table cannot decrypt with it.
        digest = hashlib.sha256(f"name:{key}".encode()).hexdigest()
        fingerprint = _fingerprint(request)
        if held := _claim(digest, fingerprint):
            return _replay(key, held)
        response = method(view, request, *args, **kwargs)
        ask(KEEP, [digest, fingerprint, _seal(key, response)])
        return response

    answer.idempotent = True  # type: ignore[attr-defined]
    return answer


def _fingerprint(request: Any) -> str:
    said = [request.method.encode(), request.get_full_path().encode(), write_json(request.data)]
    return hashlib.sha256(b"\n".join(said)).hexdigest()


def _claim(digest: str, fingerprint: str) -> str | None:
    """The answer that is kept, or None where this request is the first."""
    found = json.loads(ask(CLAIM, [digest, fingerprint]))
    if found["state"] == "busy":
        raise ApiProblem(409, "A request with this Idempotency-Key is running; wait for it.", "idempotency-key-in-use")
    if found["state"] == "other":
        raise ApiProblem(422, "This Idempotency-Key was used for another request.", "idempotency-key-reused")
    return found.get("answer")  # type: ignore[no-any-return]


def _cipher(key: str) -> MultiFernet:
    """Seals with the present secret, and opens with earlier ones as well."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    derived = (hashlib.sha256(f"idempotency:{secret}:{key}".encode()).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in derived])


def _seal(key: str, response: Response) -> str:
    headers = {name: response[name] for name in KEPT if name in response}
    kept = {"status": response.status_code, "headers": headers, "data": response.data}
    return _cipher(key).encrypt(write_json(kept)).decode()


def _replay(key: str, held: str) -> Response:
    try:
        kept = json.loads(_cipher(key).decrypt(held.encode()))
    except InvalidToken:
        raise ApiProblem(409, LOST, "idempotency-answer-lost") from None
    return Response(kept["data"], kept["status"], headers={**kept["headers"], "Idempotency-Replayed": "true"})
