"""Signing up and proving that an address is one's own; no answer tells whether an address is known."""

from accounts.visitors import Visitor


def sign_up(email: str, password: str, *, visitor: Visitor, full_name: str = "", invitation: str = "") -> None:
    """Make an account, or write to the owner of the one that is there: the caller learns nothing of it.

    With an invitation's token: a member of its organization and of no other (accept as a new user); the address must
    be the invited one. Opens its own transactions: call it outside. Raises InvalidInput (400: address, password),
    Conflict (409: the invitation cannot be accepted), TooManyAttempts.
    """
    raise NotImplementedError


def verify_email(token: str, *, visitor: Visitor) -> None:
    """Take the proof from the mail; InvalidInput for a used, expired or foreign one. Own transaction."""
    raise NotImplementedError


def resend_verification(email: str, *, visitor: Visitor) -> None:
    """Mail the link again where there is an unverified account; always silent. Own transaction."""
    raise NotImplementedError
