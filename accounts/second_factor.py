"""The second factor: an authenticator app is set up, proven with each sign-in, and taken away again."""

import base64
import secrets
from urllib.parse import quote, urlencode

from django.db import connection
from django.db.models.functions import Now
from django_otp.oath import TOTP

from accounts.errors import InvalidInput
from accounts.looking_after import require_superuser
from accounts.models import Authenticator, User
from accounts.recovery_codes import drop_codes, make_codes, spend_code
from accounts.sealing import open_secret, seal_secret
from accounts.throttle import CODE_ACCOUNT, allow_proof, settle_proof
from accounts.tokens.sessions import end_other_sessions
from accounts.visitors import Visitor
from audit.events import log_event
from tenants.authority import Actor
from tenants.errors import NotAllowed, NotFound
from tenants.verbs import as_service, verb

PURPOSE = "authenticator"
ISSUER = "Tenantry"
SECRET_BYTES = 20
DIGITS = 6
# The codes before and after this moment's: clocks differ, and people type slowly.
TOLERANCE = 1
WRONG = "This code is wrong, was used already, or has run out: enter the one that the app shows now."


def has_second_factor(user: User) -> bool:
    """Whether sign-in asks this person for a code."""
    with as_service("read second factor", user):
        return Authenticator.objects.filter(user_id=user.pk, confirmed_at__isnull=False).exists()


@verb
def begin_set_up(user: User) -> str:
    """The secret for the app, in base 32: a new one unless a set-up has begun; one that is in use stays hidden."""
    with as_service("set up second factor", user):
        held = Authenticator.objects.select_for_update().filter(user_id=user.pk).first()
        if held and held.confirmed_at:
            raise NotAllowed("Your account has an authenticator already: remove it before you set up another.")
        secret = _secret_of(held) if held else None
        if secret is None:
            secret = secrets.token_bytes(SECRET_BYTES)
            sealed = seal_secret(secret, purpose=PURPOSE, owner=str(user.pk))
            Authenticator.objects.update_or_create(user_id=user.pk, defaults={"sealed_secret": sealed})
    return base64.b32encode(secret).decode()


def address_for_app(user: User, secret: str) -> str:
    """What the QR code says (the Key Uri Format that authenticator apps read)."""
    label = quote(f"{ISSUER}:{user.email}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER, 'digits': DIGITS, 'period': 30})}"


@verb
def finish_set_up(user: User, code: str, *, visitor: Visitor) -> list[str]:
    """From now on sign-in asks for a code; returns the recovery codes, which are shown once. InvalidInput."""
    with as_service("set up second factor", user, **_request(visitor)):
        held = Authenticator.objects.select_for_update().filter(user_id=user.pk, confirmed_at=None).first()
        if held is None:
            raise NotFound("No set-up has begun, or it is finished already.")
        if not _accept(held, code):
            raise InvalidInput({"code": [WRONG]})
        Authenticator.objects.filter(pk=user.pk).update(confirmed_at=Now())
        _log("second_factor.set_up", user)
        return make_codes(user)


def prove_code(user: User, code: str, *, visitor: Visitor) -> bool:
    """Whether the code is the app's of now, or a recovery code not used yet; a proven one never counts again.

    Raises TooManyAttempts. Commits what it counts with the caller's transaction: refuse without raising.
    """
    allow_proof(CODE_ACCOUNT, str(user.pk), visitor)
    with as_service("prove second factor", user, **_request(visitor)):
        held = Authenticator.objects.select_for_update().filter(user_id=user.pk, confirmed_at__isnull=False).first()
        by_app = held is not None and _accept(held, code)
        proven = by_app or (held is not None and spend_code(user, code))
        if not proven:
            _log("second_factor.failed", user)
            return False
        if not by_app:
            _log("second_factor.recovery_code_used", user)
        settle_proof(CODE_ACCOUNT, str(user.pk))
    return True


@verb
def renew_recovery_codes(user: User) -> list[str]:
    """New codes; the old ones are dead."""
    with as_service("renew recovery codes", user):
        if not has_second_factor(user):
            raise NotFound("There is no authenticator, so there is nothing to recover.")
        _log("second_factor.codes_renewed", user)
        return make_codes(user)


@verb
def remove_second_factor(user: User, *, actor: Actor, reason: str = "") -> None:
    """Take the authenticator away: one's own, or (superusers, commands) another's."""
    if user.pk != actor.pk:
        require_superuser(actor)
    with as_service("remove second factor", actor):
        gone, _ = Authenticator.objects.filter(user_id=user.pk).delete()
        if not gone:
            raise NotFound("This person has no authenticator.")
        drop_codes(user)
        _log("second_factor.removed", user, reason)
    if user.pk != actor.pk:
        # Whoever was in by the lost device is out.
        end_other_sessions(user, keep=None, actor=actor)


def _accept(held: Authenticator, code: str) -> bool:
    """Locked by the caller: of two requests with one code the second finds its step used."""
    secret = _secret_of(held)
    digits = "".join(code.split())
    if secret is None or not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS):
        return False
    clock = TOTP(secret, drift=held.drift)
    if not clock.verify(int(digits), TOLERANCE, held.last_step + 1):
        return False
    Authenticator.objects.filter(pk=held.pk).update(last_step=clock.t(), drift=clock.drift)
    return True


def _secret_of(held: Authenticator) -> bytes | None:
    return open_secret(held.sealed_secret, purpose=PURPOSE, owner=str(held.user_id))


def _request(visitor: Visitor) -> dict[str, str]:
    return {"request_id": visitor.request_id} if visitor.request_id else {}


def _log(event: str, user: User, reason: str = "") -> None:
    with connection.cursor() as cursor:
        log_event(cursor, event, table="users", record=user.pk, reason=reason)
