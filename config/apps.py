"""The roof as an app: it brings the commands and the admin site."""

from importlib import import_module

from django.apps import AppConfig


class RoofConfig(AppConfig):
    """Commands that need every floor, and the console's site."""

    name = "config"
    verbose_name = "Tenantry"

    def ready(self) -> None:
        import_module("config.checks")
