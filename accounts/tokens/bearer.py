"""What a request bears: a person's access token, or an API key; the database decides what it is worth now."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.tokens.access import TokenInvalid, read_access_token
from tenants.api_keys import KEY_SHAPE, hash_api_key


class BearerInvalid(Exception):
    """No credential, or none of ours: 401."""


@dataclass(frozen=True)
class Bearer:
    """Whom the request says it is from; believed when the scope is entered with `claims`.

    `request_scope("api", **bearer.claims, request_id=…)`: ScopeRefused (401) when the session or key ended or the
    person is disabled; `scope.status == "no-active-organization"` (403 on org endpoints) when the membership or the
    organization is not active. `request_scope("service", reason=…, **bearer.identity)` does the same for endpoints
    that live in the service role (people only).
    """

    claims: dict[str, Any] = field(repr=False)
    user_id: UUID | None = None
    session_id: UUID | None = None
    is_key: bool = False

    @property
    def identity(self) -> dict[str, Any]:
        """The person and their session, without an organization."""
        if self.is_key:
            raise BearerInvalid("an API key is no person")
        return {"sub": self.user_id, "session_id": self.session_id}


def read_bearer(header: str) -> Bearer:
    """Read an Authorization header's value; no round trip. Raises BearerInvalid."""
    scheme, _, credential = header.strip().partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        raise BearerInvalid("no bearer credential")
    if KEY_SHAPE.fullmatch(credential):
        return Bearer({"api_key_hash": hash_api_key(credential)}, is_key=True)
    try:
        token = read_access_token(credential)
    except TokenInvalid as error:
        raise BearerInvalid(str(error)) from None
    claims = {"sub": token.user_id, "session_id": token.session_id, "org_id": token.org_id}
    return Bearer(claims, token.user_id, token.session_id)
