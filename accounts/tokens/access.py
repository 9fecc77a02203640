"""Access tokens: short-lived, signed, and read without asking the database."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings

from accounts.tokens.hook import compute_claims
from accounts.tokens.keys import ALGORITHM, current_ring
from postgres.roles import API

# RFC 9068: a token of another kind that the same key may sign one day is not taken for one of these.
TYPE = "at+jwt"
HEADERS = {"alg", "kid", "typ"}
REQUIRED = ["iss", "aud", "exp", "iat", "sub", "session_id", "role", "aal"]
# For clocks that disagree a little.
LEEWAY_SECONDS = 5
LONGEST = 8192


class TokenInvalid(Exception):
    """Not a token of ours, or no longer; the reason is for the log and never holds the token."""


@dataclass(frozen=True)
class AccessToken:
    """What a token says that was read and found good."""

    user_id: UUID
    session_id: UUID
    org_id: UUID | None
    role: str | None
    expires_at: datetime


def lifetime_seconds() -> int:
    """How long an access token lasts."""
    return int(settings.TENANTRY_ACCESS_MINUTES) * 60


def mint_access_token(user_id: UUID, session_id: UUID, *, method: str = "token_refresh") -> str:
    """Issue a token for the person's primary organization of this moment; the hook computes its claims.

    Inside a transaction, in any scope; raises `accounts.errors.TokenDenied` when the hook says no.
    """
    return sign_claims(compute_claims(user_id, base_claims(user_id, str(session_id)), method))


def base_claims(user_id: UUID, session_id: str) -> dict[str, Any]:
    """What the hook is given to complete."""
    now = int(time.time())
    return {
        "iss": settings.TENANTRY_TOKEN_ISSUER,
        "aud": settings.TENANTRY_TOKEN_AUDIENCE,
        "iat": now,
        "exp": now + lifetime_seconds(),
        "sub": str(user_id),
        "session_id": session_id,
        # The database role that PostgREST and its like take for a bearer of this token.
        "role": API,
        "aal": "aal1",
        "app_metadata": {},
    }


def sign_claims(claims: dict[str, Any]) -> str:
    """Sign with the first key of the ring, under its `kid`."""
    ring = current_ring()
    return jwt.encode(claims, ring.signer, algorithm=ALGORITHM, headers={"kid": ring.kid, "typ": TYPE})


def read_access_token(token: str) -> AccessToken:
    """Verify signature, algorithm, type, issuer, audience, times and required claims; or raise TokenInvalid."""
    if len(token) > LONGEST:
        raise TokenInvalid("longer than any token of ours")
    try:
        claims = _verify(token, tuple(current_ring().verifiers))
        found, issued = _read_claims(claims), float(claims["iat"])
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        # Not chained: what the library quotes may be part of the token.
        raise TokenInvalid(type(error).__name__) from None
    if time.time() > found.expires_at.timestamp() + LEEWAY_SECONDS:
        raise TokenInvalid("ExpiredSignatureError")
    if issued > time.time() + LEEWAY_SECONDS:
        # Kept from when this machine's clock was ahead.
        raise TokenInvalid("ImmatureSignatureError")
    return found


@lru_cache(maxsize=2048)
def _verify(token: str, believed: tuple[str, ...]) -> dict[str, Any]:
    """Kept for the next request with the same token and the same ring: a signature costs more than all the rest."""
    header = jwt.get_unverified_header(token)
    # A key that comes with the token (jwk, jku, x5u) is nobody's; what is `crit` is not understood here.
    if set(header) != HEADERS or header["alg"] != ALGORITHM or header["typ"] != TYPE:
        raise jwt.InvalidTokenError("not a header of ours")
    if header["kid"] not in believed:
        raise jwt.InvalidTokenError("signed by no key of the ring")
    key = current_ring().verifiers[header["kid"]]
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        issuer=settings.TENANTRY_TOKEN_ISSUER,
        audience=settings.TENANTRY_TOKEN_AUDIENCE,
        leeway=LEEWAY_SECONDS,
        options={"require": REQUIRED, "strict_aud": True},
    )
    return claims


def _read_claims(claims: dict[str, Any]) -> AccessToken:
    org_id = claims.get("org_id")
    return AccessToken(
        user_id=UUID(claims["sub"]),
        session_id=UUID(claims["session_id"]),
        org_id=UUID(org_id) if org_id else None,
        role=claims.get("user_role"),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )
