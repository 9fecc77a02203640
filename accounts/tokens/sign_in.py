"""Signing in for tokens: e-mail and password against a session."""

from accounts.tokens.sessions import TokenPair
from accounts.visitors import Visitor


def sign_in(email: str, password: str, *, visitor: Visitor) -> TokenPair:
    """Prove who one is and begin a session. Opens its own transactions: call it outside.

    Raises Unauthenticated in the same words and time for a wrong password, an unknown, a disabled and (where
    verification is mandatory) an unverified address; TooManyAttempts; TokenDenied.
    """
    raise NotImplementedError
