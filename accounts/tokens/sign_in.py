"""Signing in for tokens: e-mail and password against a session."""

from functools import lru_cache

from django.conf import settings
from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password
from django.db.models.functions import Now

from accounts.addresses import find_user, read_address
from accounts.errors import Unauthenticated
from accounts.models import User
from accounts.sign_in import LONGEST_PASSWORD, log_as, write_event
from accounts.throttle import allow_sign_in, settle_sign_in
from accounts.tokens.sessions import TokenPair, start_session
from accounts.visitors import Visitor
from tenants.scope import request_scope

# One sentence for everything, so that no account is told apart from none.
REFUSED = "No account that can sign in has this e-mail and password."


def sign_in(email: str, password: str, *, visitor: Visitor) -> TokenPair:
    """Prove who one is and begin a session. Opens its own transactions: call it outside.

    Raises Unauthenticated in the same words and time for a wrong password, an unknown, a disabled and (where
    verification is mandatory) an unverified address; TooManyAttempts; TokenDenied.
    """
    address = read_address(email)
    allow_sign_in(address, visitor)
    with request_scope("service", reason="sign in"):
        user = find_user(address)
    # Outside every transaction: hashing takes its time on purpose.
    proven = check_either(password, user)
    with request_scope("service", reason="sign in", request_id=visitor.request_id or None):
        pair = _begin(user, address, visitor) if user and proven and _may_sign_in(user) else None
        if pair is None:
            write_event("sign_in.failed", str(user.pk) if user else "", user.email if user else "")
    if pair is None:
        raise Unauthenticated(REFUSED)
    if user:
        renew_hash(user, password)
    return pair


def check_either(password: str, user: User | None) -> bool:
    """Whether the password is the person's; where there is no person, it takes as long."""
    usable = user is not None and user.has_usable_password()
    # Made for everybody, so that a process's first stranger does not take longer.
    dummy = _dummy(settings.PASSWORD_HASHERS[0])
    encoded = user.password if user and usable else dummy
    return check_password(_hashable(password), encoded) and usable


def renew_hash(user: User, password: str) -> None:
    """Hash a proven password anew where Django has grown stricter; one that was changed in the meantime stays."""
    hasher, preferred = identify_hasher(user.password), get_hasher()
    if hasher.algorithm == preferred.algorithm and not preferred.must_update(user.password):
        return
    with request_scope("service", reason="renew password hash", sub=user.pk):
        User.objects.filter(pk=user.pk, password=user.password).update(password=make_password(password))


@lru_cache(maxsize=4)
def _dummy(hasher: str) -> str:
    """A hash of nobody's password, as costly to check as a real one; made anew when the hasher changes."""
    return make_password("nobody's password")


def _hashable(password: str) -> str:
    """What can be nobody's password (a lone surrogate, a book) is as wrong as any, and takes as long."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return ""
    return password if len(password) <= LONGEST_PASSWORD else ""


def _may_sign_in(user: User) -> bool:
    proven = user.email_verified_at is not None or settings.TENANTRY_EMAIL_VERIFICATION == "optional"
    return user.is_active and proven


def _begin(user: User, address: str, visitor: Visitor) -> TokenPair | None:
    """Everything that follows from the proof, if the password is still the one that was proven."""
    still = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
    if not still.update(last_login=Now()):
        return None
    # First, for it asks where the person has signed in before.
    settle_sign_in(address, visitor)
    pair = start_session(user, visitor=visitor)
    log_as(user, "sign_in")
    return pair
