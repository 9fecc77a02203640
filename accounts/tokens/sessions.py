"""Sessions: a sign-in on one device, kept alive by refresh tokens of which each works once."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User, UserSession
from accounts.visitors import Visitor
from tenants.authority import Person


@dataclass(frozen=True)
class TokenPair:
    """What a client is given at sign-in and refresh; neither is ever shown by repr."""

    session_id: UUID
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int = 600


def start_session(user: User, *, visitor: Visitor, method: str = "password") -> TokenPair:
    """Begin a session for a person whose identity is proven; within a transaction."""
    raise NotImplementedError


def refresh_session(refresh_token: str, *, visitor: Visitor) -> TokenPair:
    """Exchange a refresh token, once; one used before ends its session. Opens its own transaction: call it outside.

    Raises Unauthenticated, or TokenDenied by the hook.
    """
    raise NotImplementedError


def end_session_of(refresh_token: str, *, visitor: Visitor) -> None:
    """Sign out by the refresh token alone; an unknown one is no error. Opens its own transaction."""
    raise NotImplementedError


def end_session(user: Person, session_id: UUID) -> None:
    """End one of one's own sessions (logout: that of the request's token); NotFound for any other."""
    raise NotImplementedError


def end_other_sessions(user: Person, *, keep: UUID | None) -> int:
    """End all sessions of a person but one; returns how many."""
    raise NotImplementedError


def list_sessions(user: Person) -> QuerySet[UserSession]:
    """One's own live sessions, newest first; evaluate it inside a service scope."""
    raise NotImplementedError
