"""The roof as an app: it brings the commands and the admin site."""

from django.apps import AppConfig

import config.checks  # noqa: F401 - its checks register themselves


class RoofConfig(AppConfig):
    """Commands that need every floor, and the console's site."""

    name = "config"
    verbose_name = "Tenantry"
