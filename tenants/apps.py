"""The tenants app."""

from django.apps import AppConfig
from django.conf import settings

import tenants.vault.checks  # noqa: F401 - its checks register themselves
from tenants.vault.self_test import prove_vault


class TenantsConfig(AppConfig):
    """Organizations, their members, and what belongs to them."""

    name = "tenants"
    verbose_name = "Organizations"

    def ready(self) -> None:
        if settings.TENANTRY_LOGIN == "app" and settings.TENANTRY_SURFACE != "console":
            # System checks are for commands: a web process without its keys stops here, not at the first credential.
            prove_vault()
