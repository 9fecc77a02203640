"""The accounts app."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

from accounts.framework_tables import close_statements
from accounts.tokens.keys import current_ring
from tenants.doctor.expected import expect


class AccountsConfig(AppConfig):
    """People."""

    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        # Its receivers begin and close console sessions.
        import_module("accounts.console_sessions")
        # What the doctor cannot read from models: how Django's own tables stand.
        expect(close_statements)
        if settings.TENANTRY_LOGIN == "app" and settings.TENANTRY_SURFACE != "console":
            # A web process without its keys stops here, not at the first sign-in.
            current_ring()
