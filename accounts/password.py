"""Passwords: forgotten and set anew by mail, or changed by whoever knows the old one."""

from uuid import UUID

from accounts.models import User
from accounts.visitors import Visitor


def request_reset(email: str, *, visitor: Visitor) -> None:
    """Mail a link to the owner of the account, if there is one; always silent. Own transaction."""
    raise NotImplementedError


def confirm_reset(token: str, password: str, *, visitor: Visitor) -> None:
    """Set a new password by the link of the mail; ends all sessions and proves the address. Own transaction.

    InvalidInput for a used, expired or foreign token, and for a weak password.
    """
    raise NotImplementedError


def change_password(user: User, old: str, new: str, *, session_id: UUID | None, visitor: Visitor) -> None:
    """Set a new password; ends all sessions but the given one. Own transactions: call it outside.

    InvalidInput for a wrong old or a weak new password; TooManyAttempts.
    """
    raise NotImplementedError
