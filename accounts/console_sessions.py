"""Console sessions: begun at sign-in beside those of tokens, kept alive by use, ended by idleness, age or hand.

Django's session holds what this browser has proven; the row in `user_sessions` is what the database asks when a
scope is entered, so that ending it shuts the browser out with its next request.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.db.models.functions import Now
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User, UserSession
from accounts.second_factor import has_second_factor
from accounts.visitors import read_visitor
from postgres.keys import new_id
from tenants.verbs import as_service

METHOD = "console"
KEY = "console"
# What a browser still owes before the console opens.
CODE, SET_UP, NOTHING = "code", "set-up", ""
# For so long whoever has just proven themselves is not asked again.
PROVEN_SECONDS = 10 * 60
# A page is no reason to write a row: idle time is kept to the minute.
TOUCH_SECONDS = 60


@receiver(user_logged_in, dispatch_uid="accounts.console_sessions.begin_session")
def begin_session(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """The password was right; whether that is all there is to prove is decided here."""
    now, session_id = time.time(), new_id()
    with transaction.atomic(), as_service("sign in", user):
        owed = CODE if has_second_factor(user) else SET_UP if settings.TENANTRY_REQUIRE_TOTP else NOTHING
        visitor = read_visitor(request)
        UserSession.objects.create(
            id=session_id,
            user=user,
            method=METHOD,
            ip=visitor.ip,
            user_agent=visitor.user_agent,
            # No token's: nothing hashes to it.
            refresh_hash="",
            last_used_at=Now(),
            expires_at=_expiry(now, now),
        )
    proven = 0 if owed == CODE else now
    request.session[KEY] = {"id": str(session_id), "began": now, "touched": now, "owed": owed, "proven": proven}


@receiver(user_logged_out, dispatch_uid="accounts.console_sessions.close_session")
def close_session(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """The row ends with the browser's session, and is in nobody's list any more."""
    session_id = session_id_of(request)
    if user and session_id:
        with transaction.atomic(), as_service("sign out", user):
            live = UserSession.objects.filter(pk=session_id, user_id=user.pk, ended_at=None)
            live.update(ended_at=Now(), end_reason="sign_out")


def session_id_of(request: HttpRequest) -> UUID | None:
    """The row of this browser's session."""
    held = held_by(request)
    return UUID(held["id"]) if held else None


def held_by(request: HttpRequest) -> dict[str, Any]:
    """What this browser has proven, and when; empty before its person is known."""
    return dict(request.session.get(KEY) or {})


def owed_by(request: HttpRequest) -> str:
    """What this browser has to prove before the console opens: CODE, SET_UP or NOTHING."""
    return str(held_by(request).get("owed", NOTHING))


def touch_session(request: HttpRequest) -> None:
    """Somebody works here: idle time begins anew."""
    held, now = held_by(request), time.time()
    if now - held["touched"] < TOUCH_SECONDS:
        return
    with as_service("keep session", User(pk=request.user.pk)):
        live = UserSession.objects.filter(pk=held["id"], ended_at=None)
        live.update(last_used_at=Now(), expires_at=_expiry(held["began"], now))
    _write(request, touched=now)


def note_proof(request: HttpRequest) -> None:
    """The person has just proven who they are: nothing is owed, and for a while nothing is asked again."""
    if owed_by(request):
        # A new key: one that was planted before the proof opens nothing.
        request.session.cycle_key()
    _write(request, owed=NOTHING, proven=time.time())


def note_second_factor(request: HttpRequest) -> None:
    """The set-up that was owed is done."""
    _write(request, owed=NOTHING)


def is_proven(request: HttpRequest) -> bool:
    """Whether the person proved who they are a moment ago."""
    return 0 <= time.time() - float(held_by(request).get("proven", 0)) < PROVEN_SECONDS


def _write(request: HttpRequest, **changes: Any) -> None:
    # As a whole: a change inside the value would not be noticed and saved.
    request.session[KEY] = {**held_by(request), **changes}


def _expiry(began: float, now: float) -> datetime:
    """Idle too long or open too long, whichever comes first."""
    idle = timedelta(minutes=settings.TENANTRY_CONSOLE_IDLE_MINUTES)
    longest = timedelta(hours=settings.TENANTRY_CONSOLE_SESSION_HOURS)
    return min(datetime.fromtimestamp(began, UTC) + longest, datetime.fromtimestamp(now, UTC) + idle)
