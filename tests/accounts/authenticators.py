"""An authenticator app, played by the tests."""

import base64
import time

from django_otp.oath import TOTP

from accounts.models import User
from accounts.second_factor import begin_set_up, finish_set_up
from accounts.visitors import Visitor

STEP, ROOM = 30, 2
HERE = Visitor(ip="192.0.2.7", user_agent="test")


def code_of(secret: str, *, later: int = 0) -> str:
    """The six digits that the app shows now, or so many steps later."""
    return f"{TOTP(base64.b32decode(secret.replace(' ', '')), drift=later).token():06d}"


def give_authenticator(user: User) -> tuple[str, list[str]]:
    """Set up and proven with the code of the step before this one; returns the secret and the recovery codes."""
    secret = begin_set_up(user)
    if (left := STEP - time.time() % STEP) < ROOM:
        # Else a step that ends now would make its code too old.
        time.sleep(left)
    return secret, finish_set_up(user, code_of(secret, later=-1), visitor=HERE)
