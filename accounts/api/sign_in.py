"""Signing up, in and out, and passwords: for nobody in particular, through verbs with transactions of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from accounts.models import User
from accounts.password import change_password, confirm_reset, request_reset
from accounts.sign_in import LONGEST_PASSWORD
from accounts.sign_up import resend_verification, sign_up, verify_email
from accounts.tokens.bearer import Bearer, BearerInvalid, read_bearer
from accounts.tokens.sessions import TokenPair, end_session, end_session_by_token, refresh_session
from accounts.tokens.sign_in import sign_in
from accounts.visitors import read_visitor, request_id_of
from tenants.api.authentication import PERSON_NEEDED
from tenants.api.base import OpenView
from tenants.api.fields import TextField
from tenants.api.problems import NOBODY, ApiProblem
from tenants.scope import request_scope

LONGEST_TOKEN = 8192
SIGNED_UP = "If this address can have an account, a mail is on its way to it."
MAILED = "If there is such an account, a mail is on its way to it."
Text = TextField


class Address(serializers.Serializer[Any]):
    """An e-mail address."""

    email = Text(max_length=320)


class Credentials(Address):
    """E-mail and password."""

    password = Text(max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True)


class SignUp(Credentials):
    """A new account; with an invitation's token it is a member of that organization."""

    full_name = Text(max_length=200, required=False, default="", allow_blank=True)
    invitation = Text(max_length=200, required=False, default="", allow_blank=True)


class LinkToken(serializers.Serializer[Any]):
    """What the link of a mail holds."""

    token = Text(max_length=LONGEST_TOKEN)


class Refresh(serializers.Serializer[Any]):
    """A refresh token, which works once."""

    refresh = Text(max_length=LONGEST_TOKEN)


class SignOut(serializers.Serializer[Any]):
    """Either this or a bearer says which session ends."""

    refresh = Text(max_length=LONGEST_TOKEN, required=False)


class NewPassword(LinkToken):
    """A new password, by the link of the mail."""

    password = Text(max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True)


class PasswordChange(serializers.Serializer[Any]):
    """A new password, by who knows the old one."""

    old_password = Text(max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True)
    new_password = Text(max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True)


class Tokens(serializers.Serializer[Any]):
    """What a client signs its requests with, and what it gets the next one for."""

    access = Text(help_text="For Authorization: Bearer …")
    refresh = Text(help_text="For /api/auth/refresh; each works once.")
    expires_in = serializers.IntegerField(help_text="Seconds that the access token lasts.")
    session_id = serializers.UUIDField()


class Said(serializers.Serializer[Any]):
    """A sentence."""

    detail = Text()


class SignInView(OpenView):
    """The door."""

    signed = ("logout", "change_password")
    bodies = {
        "signup": SignUp,
        "verify_email": LinkToken,
        "resend_verification": Address,
        "token": Credentials,
        "refresh": Refresh,
        "logout": SignOut,
        "request_reset": Address,
        "confirm_reset": NewPassword,
        "change_password": PasswordChange,
    }
    answers = {
        **dict.fromkeys(("signup", "resend_verification", "request_reset"), (202, Said)),
        **dict.fromkeys(("verify_email", "logout", "confirm_reset", "change_password"), (204, None)),
        **dict.fromkeys(("token", "refresh"), (200, Tokens)),
    }

    def signup(self, request: Any) -> Response:
        """Make an account. The answer is the same for an address that has one: its owner gets a mail."""
        said = self.validate(SignUp)
        visitor = read_visitor(request)
        sign_up(
            said["email"],
            said["password"],
            visitor=visitor,
            full_name=said["full_name"],
            invitation=said["invitation"],
        )
        return Response({"detail": SIGNED_UP}, status=202)

    def verify_email(self, request: Any) -> Response:
        """Prove the address by the link of the mail."""
        verify_email(self.validate(LinkToken)["token"], visitor=read_visitor(request))
        return Response(status=204)

    def resend_verification(self, request: Any) -> Response:
        """Mail the link again."""
        resend_verification(self.validate(Address)["email"], visitor=read_visitor(request))
        return Response({"detail": MAILED}, status=202)

    def token(self, request: Any) -> Response:
        """Sign in: e-mail and password for tokens."""
        said = self.validate(Credentials)
        return Response(show(sign_in(said["email"], said["password"], visitor=read_visitor(request))))

    def refresh(self, request: Any) -> Response:
        """New tokens for a refresh token, once; a used one ends its session."""
        return Response(show(refresh_session(self.validate(Refresh)["refresh"], visitor=read_visitor(request))))

    def logout(self, request: Any) -> Response:
        """End the session of the bearer, or of the refresh token."""
        said = self.validate(SignOut)
        if "refresh" in said:
            end_session_by_token(said["refresh"], visitor=read_visitor(request))
            return Response(status=204)
        with known_person(request, "sign out") as bearer:
            end_session(User(pk=bearer.user_id), bearer.session_id)  # type: ignore[arg-type]
        return Response(status=204)

    def request_reset(self, request: Any) -> Response:
        """Mail a link to set a new password with."""
        request_reset(self.validate(Address)["email"], visitor=read_visitor(request))
        return Response({"detail": MAILED}, status=202)

    def confirm_reset(self, request: Any) -> Response:
        """Set a new password by the link; all sessions end."""
        said = self.validate(NewPassword)
        confirm_reset(said["token"], said["password"], visitor=read_visitor(request))
        return Response(status=204)

    def change_password(self, request: Any) -> Response:
        """Set a new password; the person's other sessions end."""
        with known_person(request, "change password") as bearer:
            user = User.objects.get(pk=bearer.user_id or "")
        said = self.validate(PasswordChange)
        old, new = said["old_password"], said["new_password"]
        change_password(user, old, new, session_id=bearer.session_id, visitor=read_visitor(request))
        return Response(status=204)


def show(pair: TokenPair) -> dict[str, Any]:
    return asdict(pair)


@contextmanager
def known_person(request: Any, reason: str) -> Iterator[Bearer]:
    """The bearer's transaction and scope, for verbs that must run outside of it or be its end."""
    try:
        bearer = read_bearer(request.META.get("HTTP_AUTHORIZATION", ""))
    except BearerInvalid:
        raise ApiProblem(401, NOBODY) from None
    if bearer.is_key:
        raise ApiProblem(403, PERSON_NEEDED, "person-needed")
    with request_scope("service", reason=reason, request_id=request_id_of(request), **bearer.identity):
        yield bearer
