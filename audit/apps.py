"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Claims and the log."""

    name = "audit"
    verbose_name = "Audit"
