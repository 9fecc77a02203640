"""Passwords: forgotten and set anew by mail, or changed by whoever knows the old one."""

from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models.functions import Coalesce, Now

from accounts.addresses import find_user, find_user_by_id, read_address
from accounts.errors import InvalidInput
from accounts.links import DEAD, RESET, find_linked_user, link_to, make_link_token
from accounts.mail import deliver
from accounts.models import User
from accounts.sign_in import log_as
from accounts.sign_up import require_strong
from accounts.throttle import allow_request, allow_sign_in, forget_account, may_mail, settle_sign_in
from accounts.tokens.sessions import end_other_sessions
from accounts.tokens.sign_in import check_either
from accounts.visitors import Visitor
from tenants.scope import current_scope, request_scope

WRONG = "This is not your present password."


class EndSessions:
    """A password validator that refuses nothing: Django tells it of every changed password, whoever changed it."""

    def validate(self, password: str, user: Any = None) -> None:
        """Nothing to refuse."""

    def get_help_text(self) -> str:
        return "Other devices are signed out when the password changes."

    def password_changed(self, password: str, user: Any = None) -> None:
        if isinstance(user, User):
            scope = current_scope()
            actor = User(pk=scope.user_id) if scope and scope.user_id else None
            end_other_sessions(user, keep=_session_of(user), actor=actor)


def _session_of(user: User) -> UUID | None:
    """The console session in which people change their own password goes on."""
    scope = current_scope()
    held = scope.claims.get("session_id") if scope and scope.user_id == user.pk else None
    return UUID(held) if held else None


def request_reset(email: str, *, visitor: Visitor) -> None:
    """Mail a link to the owner of the account, if there is one; always silent. Own transaction."""
    allow_request(visitor)
    with request_scope("service", reason="reset password", request_id=visitor.request_id or None):
        user = find_user(read_address(email))
        if user and user.is_active and may_mail("reset_password", user.email):
            deliver("reset_password", user.email, link=link_to(RESET.page, make_link_token(RESET, user)))
            log_as(user, "password.reset_requested")


def confirm_reset(token: str, password: str, *, visitor: Visitor) -> None:
    """Set a new password by the link of the mail; ends all sessions and proves the address. Own transaction.

    InvalidInput for a used, expired or foreign token, and for a weak password.
    """
    allow_request(visitor)
    with request_scope("service", reason="reset password", request_id=visitor.request_id or None):
        user = find_linked_user(RESET, token)
        require_strong(password, user)
        if not _replace(user, password):
            raise InvalidInput({"token": [DEAD]})
        forget_account(user.email, visitor)
        _finish(user, "password.reset", keep=None)


def change_password(user: User, old: str, new: str, *, session_id: UUID | None, visitor: Visitor) -> None:
    """Set a new password; ends all sessions but the given one. Own transactions: call it outside.

    InvalidInput for a wrong old or a weak new password; TooManyAttempts.
    """
    allow_sign_in(user.email, visitor)
    with request_scope("service", reason="change password"):
        stands = find_user_by_id(user.pk)
    if stands is None or not check_either(old, stands):
        raise InvalidInput({"old_password": [WRONG]})
    require_strong(new, stands, "new_password")
    with request_scope("service", reason="change password", request_id=visitor.request_id or None):
        if not _replace(stands, new):
            raise InvalidInput({"old_password": [WRONG]})
        settle_sign_in(stands.email, visitor)
        _finish(stands, "password.changed", keep=session_id)


def _replace(user: User, password: str) -> bool:
    """Only while the password is still the one that was proven, or that the link was made for."""
    proven = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
    return bool(proven.update(password=make_password(password)))


def _finish(user: User, event: str, *, keep: UUID | None) -> None:
    if event == "password.reset":
        # Who reads the mail owns the address.
        User.objects.filter(pk=user.pk).update(email_verified_at=Coalesce("email_verified_at", Now()))
    end_other_sessions(user, keep=keep)
    log_as(user, event)
    deliver("password_changed", user.email)
