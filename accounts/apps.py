"""The accounts app."""

from django.apps import AppConfig

from accounts.framework_tables import close_statements
from tenants.doctor.expected import expect


class AccountsConfig(AppConfig):
    """People."""

    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        # What the doctor cannot read from models: how Django's own tables stand.
        expect(close_statements)
