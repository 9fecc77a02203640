"""Sessions: a sign-in on one device, kept alive by refresh tokens of which each works once."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.errors import Unauthenticated
from accounts.models import STOLEN, User, UserSession
from accounts.sign_in import write_event
from accounts.tokens.access import lifetime_seconds, mint_access_token
from accounts.tokens.refresh import RefreshToken, make_refresh_token, read_refresh_token
from accounts.visitors import Visitor
from postgres.keys import new_id
from tenants.authority import Person
from tenants.errors import NotFound
from tenants.scope import request_scope
from tenants.verbs import as_service, verb

# One statement: of any number of requests with one token, the row lock lets one through and shows the rest its hash.
SPEND = """
update user_sessions s
set refresh_hash = %(next)s, last_used_at = clock_timestamp(), expires_at = %(expires)s, ip = %(ip)s
from users u
where s.id = %(session)s and s.refresh_hash = %(spent)s and s.ended_at is null and s.expires_at > clock_timestamp()
    and u.id = s.user_id and u.is_active
returning s.user_id
"""
REFUSED = "This refresh token is not valid, or no longer; sign in again."


@dataclass(frozen=True)
class TokenPair:
    """What a client is given at sign-in and refresh; neither is ever shown by repr."""

    session_id: UUID
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int = 600


def start_session(user: User, *, visitor: Visitor, method: str = "password") -> TokenPair:
    """Begin a session for a person whose identity is proven; within a transaction."""
    session_id = new_id()
    refresh, digest = make_refresh_token(session_id)
    with as_service("sign in", user):
        UserSession.objects.create(
            id=session_id,
            user=user,
            method=method,
            ip=visitor.ip,
            user_agent=visitor.user_agent,
            refresh_hash=digest,
            last_used_at=Now(),
            expires_at=_expiry(),
        )
        return _pair(user.pk, session_id, refresh, method)


def refresh_session(refresh_token: str, *, visitor: Visitor) -> TokenPair:
    """Exchange a refresh token, once; one used before ends its session. Opens its own transaction: call it outside.

    Raises Unauthenticated, or TokenDenied by the hook.
    """
    token = read_refresh_token(refresh_token)
    if token is None:
        raise Unauthenticated(REFUSED)
    with request_scope("service", reason="refresh", request_id=visitor.request_id or None):
        pair = _exchange(token, visitor)
    # Only here: raised inside, it would take back the end of a stolen session.
    if pair is None:
        raise Unauthenticated(REFUSED)
    return pair


def end_session_by_token(refresh_token: str, *, visitor: Visitor) -> None:
    """Sign out by the refresh token alone; an unknown one is no error. Opens its own transaction."""
    token = read_refresh_token(refresh_token)
    if token is None:
        return
    with request_scope("service", reason="sign out", request_id=visitor.request_id or None):
        held = UserSession.objects.filter(pk=token.session_id, refresh_hash=token.digest)
        _end_as_person(held, "sign_out")


@verb
def end_session(user: Person, session_id: UUID) -> None:
    """End one of one's own sessions (logout: that of the request's token); NotFound for any other."""
    with as_service("end session", user):
        if not end_matching(UserSession.objects.filter(pk=session_id, user_id=user.pk), "sign_out"):
            raise NotFound("There is no such session.")


@verb
def end_other_sessions(user: Person, *, keep: UUID | None, actor: Person | None = None) -> int:
    """End all sessions of a person but one; returns how many."""
    with as_service("end other sessions", actor or user):
        others = UserSession.objects.filter(user_id=user.pk)
        return end_matching(others.exclude(pk=keep) if keep else others, "sessions.ended")


def list_sessions(user: Person) -> QuerySet[UserSession]:
    """One's own live sessions, newest first; evaluate it inside a service scope."""
    return UserSession.objects.filter(user_id=user.pk, ended_at=None, expires_at__gt=Now()).order_by("-id")


def _exchange(token: RefreshToken, visitor: Visitor) -> TokenPair | None:
    refresh, digest = make_refresh_token(token.session_id)
    values = {"next": digest, "spent": token.digest, "session": token.session_id, "expires": _expiry()}
    with connection.cursor() as cursor:
        cursor.execute(SPEND, {**values, "ip": visitor.ip})
        found = cursor.fetchone()
    if found:
        return _pair(found[0], token.session_id, refresh, "token_refresh")
    if token.ours:
        _punish_reuse(token)
    return None


def _punish_reuse(token: RefreshToken) -> None:
    """A token that we made and that is not the newest was used before: two hold it, and one of them stole it."""
    _end_as_person(UserSession.objects.filter(pk=token.session_id).exclude(refresh_hash=token.digest), STOLEN)


def _end_as_person(sessions: QuerySet[UserSession], reason: str) -> None:
    """In the person's name: whoever holds a token of theirs is nobody else."""
    user_id = sessions.values_list("user_id", flat=True).first()
    if user_id:
        with as_service(reason, User(pk=user_id)):
            end_matching(sessions, reason)


def end_matching(sessions: QuerySet[UserSession], reason: str) -> int:
    """End those that still run, and say so in the log once."""
    live = sessions.filter(ended_at=None, expires_at__gt=Now())
    whose = live.values_list("user_id", "user__email").first()
    ended = live.update(ended_at=Now(), end_reason=reason)
    if whose and ended:
        write_event(reason, str(whose[0]), whose[1])
    return ended


def _pair(user_id: UUID, session_id: UUID, refresh: str, method: str) -> TokenPair:
    access = mint_access_token(user_id, session_id, method=method)
    return TokenPair(session_id, access, refresh, lifetime_seconds())


def _expiry() -> Any:
    return timezone.now() + timedelta(days=settings.TENANTRY_SESSION_DAYS)
