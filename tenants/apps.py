"""The tenants app."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Organizations, their members, and what belongs to them."""

    name = "tenants"
    verbose_name = "Organizations"
