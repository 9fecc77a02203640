"""Access tokens: short-lived, signed, and read without asking the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


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


def mint_access_token(user_id: UUID, session_id: UUID, *, method: str = "token_refresh") -> str:
    """Issue a token for the person's primary organization of this moment; the hook computes its claims.

    Inside a transaction, in any scope; raises `accounts.errors.TokenDenied` when the hook says no.
    """
    raise NotImplementedError


def read_access_token(token: str) -> AccessToken:
    """Verify signature, algorithm, type, issuer, audience, times and required claims; or raise TokenInvalid."""
    raise NotImplementedError


def sign_claims(claims: dict[str, Any]) -> str:
    """Sign with the first key of the ring, under its `kid`."""
    raise NotImplementedError
