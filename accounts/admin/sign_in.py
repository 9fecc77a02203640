"""The console's sign-in form: throttled per account and per address, as signing in for tokens is."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from accounts.addresses import read_address
from accounts.errors import TooManyAttempts
from accounts.throttle import allow_sign_in, settle_sign_in
from accounts.visitors import read_visitor


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """E-mail and password; too many wrong ones have to wait, and the right one does so with them."""

    def clean(self) -> dict[str, Any]:
        address, visitor = read_address(self.data.get("username", "")), read_visitor(self.request)
        try:
            allow_sign_in(address, visitor)
        except TooManyAttempts as refusal:
            raise ValidationError(refusal.sentence, code=refusal.code) from None
        cleaned: dict[str, Any] = super().clean()
        # A form without a password is no error up to here: it proved nothing.
        if self.get_user() is not None:
            settle_sign_in(address, visitor)
        return cleaned


# Not by Unfold's setting: it would import this while the site that screens register with is being made.
admin.site.login_form = SignInForm
