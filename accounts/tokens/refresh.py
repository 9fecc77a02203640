"""Refresh tokens: they name their session, prove that we made them, and are kept only as a hash of the newest."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.crypto import salted_hmac

PREFIX = "rt_"
ID_BYTES, SECRET_BYTES, PROOF_BYTES = 16, 32, 16
SALT = "accounts.tokens.refresh"


@dataclass(frozen=True)
class RefreshToken:
    """A token as it was sent; `ours`: made here once, whether or not it still works."""

    session_id: UUID
    digest: str = field(repr=False)
    ours: bool


def make_refresh_token(session_id: UUID) -> tuple[str, str]:
    """A new token, and the hash to keep."""
    body = session_id.bytes + secrets.token_bytes(SECRET_BYTES)
    token = PREFIX + base64.urlsafe_b64encode(body + _prove(body)).rstrip(b"=").decode()
    return token, hash_refresh_token(token)


def read_refresh_token(token: str) -> RefreshToken | None:
    """None: no refresh token at all.

    The proof decides nothing but whether an old token's return is a theft: what works is what the row's hash says, so
    a changed SECRET_KEY signs nobody out, and a stranger who knows a session's id cannot end it.
    """
    sent = token.removeprefix(PREFIX)
    try:
        raw = base64.b64decode(sent + "=" * (-len(sent) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    if sent == token or len(raw) != ID_BYTES + SECRET_BYTES + PROOF_BYTES:
        return None
    body, proof = raw[:-PROOF_BYTES], raw[-PROOF_BYTES:]
    session_id = UUID(bytes=body[:ID_BYTES])
    return RefreshToken(session_id, hash_refresh_token(token), hmac.compare_digest(proof, _prove(body)))


def hash_refresh_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _prove(body: bytes) -> bytes:
    return salted_hmac(SALT, body, algorithm="sha256").digest()[:PROOF_BYTES]
