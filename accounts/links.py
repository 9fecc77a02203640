"""Links in mails: signed, good for one purpose and a short time, and dead once what they were for has happened."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.addresses import find_user_by_id
from accounts.errors import InvalidInput
from accounts.models import User

DEAD = "This link is used, has expired, or is not one of ours; ask for a new one."


@dataclass(frozen=True)
class Purpose:
    """What a link is for, and for how long."""

    page: str
    seconds: int


VERIFY = Purpose("verify-email", 3 * 24 * 60 * 60)
RESET = Purpose("reset-password", 60 * 60)


def make_link_token(purpose: Purpose, user: User) -> str:
    """A token for this person as they stand now."""
    return signing.dumps([str(user.pk), _state(user)], salt=_salt(purpose))


def link_to(page: str, token: str) -> str:
    """The client application's page, with the token."""
    return f"{settings.TENANTRY_APP_URL}/{page}?{urlencode({'token': token})}"


def find_linked_user(purpose: Purpose, token: str) -> User:
    """Whom the link is for, if nothing has happened since; in a service scope. Raises InvalidInput."""
    try:
        user_id, state = signing.loads(token, salt=_salt(purpose), max_age=purpose.seconds)
    except (signing.BadSignature, ValueError):
        raise InvalidInput({"token": [DEAD]}) from None
    user = find_user_by_id(UUID(user_id))
    if user is None or not user.is_active or not constant_time_compare(state, _state(user)):
        raise InvalidInput({"token": [DEAD]})
    return user


def _state(user: User) -> str:
    """What changes when a link has been used: then it no longer fits."""
    stands = f"{user.password}|{user.email_lower}|{user.email_verified_at}"
    return salted_hmac("accounts.links", stands, algorithm="sha256").hexdigest()[:32]


def _salt(purpose: Purpose) -> str:
    return f"accounts.links.{purpose.page}"
