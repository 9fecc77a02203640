"""Signing in by e-mail and password, each attempt in the log by its name."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import connection
from django.dispatch import receiver

from accounts.addresses import find_user
from accounts.models import User
from audit.events import log_event
from tenants.scope import current_scope, service_scope

# Longer than any that people type, and short enough to be hashed.
LONGEST_PASSWORD = 4096


class EmailBackend(ModelBackend):
    """Django's own, under a name: e-mails are unique by their lower-case form, which its check does not know."""

    def get_user(self, user_id: Any) -> Any:
        # With the preferences: every page of the console follows the theme.
        person = User.objects.select_related("preferences").filter(pk=user_id).first()
        return person if person and self.user_can_authenticate(person) else None


@receiver(user_logged_in, dispatch_uid="accounts.sign_in.log_sign_in")
def log_sign_in(sender: Any, user: User, **kwargs: Any) -> None:
    log_as(user, "sign_in")


@receiver(user_logged_out, dispatch_uid="accounts.sign_in.log_sign_out")
def log_sign_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    if user:
        log_as(user, "sign_out")


@receiver(user_login_failed, dispatch_uid="accounts.sign_in.log_failure")
def log_failure(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Whose account it was; what was typed for no account is not kept, for it may be a password in the wrong field."""
    if current_scope():
        typed = str(credentials.get("username", ""))
        user = None if "\0" in typed else find_user(typed)
        write_event("sign_in.failed", str(user.pk) if user else "", user.email if user else "")


def log_as(user: User, action: str) -> None:
    """In the person's own name; outside a scope (a test, a shell) as whoever is connected."""
    scope = current_scope()
    if scope and scope.surface == "service":
        carried = {k: scope.claims[k] for k in ("request_id",) if k in scope.claims}
        with service_scope(action, sub=user.pk, **carried):
            write_event(action, str(user.pk), user.email)
    else:
        write_event(action, str(user.pk), user.email)


def write_event(action: str, record_id: str, email: str) -> None:
    with connection.cursor() as cursor:
        log_event(cursor, action, table="users", record=record_id, email=email)
