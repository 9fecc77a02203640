"""Connections to other systems: which one, with what settings, and that there is a credential, which is elsewhere."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from tenants.models.base import OrgModel

PROVIDER_PATTERN = r"[a-z][a-z0-9_]{1,62}"
SECRET_NAME = re.compile(r"passw|passphrase|secret|token|credential|api_?key|private_?key|authorization", re.IGNORECASE)
NO_PLACE = "{} sounds like a secret, and settings are no place for one: store it as the connection's credential."


class ConnectionStatus(models.TextChoices):
    """Whether a connection is synchronized."""

    ACTIVE = "active"
    PAUSED = "paused"
    ERROR = "error"
    REVOKED = "revoked"


# What a client may say; the others are what happens to a connection.
OPEN_STATUSES = [(s.value, s.label) for s in (ConnectionStatus.ACTIVE, ConnectionStatus.PAUSED)]


def refuse_secrets(settings: Any) -> None:
    """Settings are read by every member, logged and exported: a secret among them would be none."""
    for name in _names_in(settings):
        if SECRET_NAME.search(name):
            raise ValidationError(NO_PLACE.format(name), code="secret")


def _names_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _names_in(item)


class IntegrationConnection(OrgModel):
    """One account of the organization at another system; its credential is in the vault, and is never read back."""

    access = "integrations"
    # What stands only as long as the vault has the credential: an archive of the organization leaves it behind.
    redacted = ("credential_last_four", "credential_set_at", "vault_secret_id")

    provider = models.TextField(db_comment="The adapter that reads from it.")
    name = models.TextField()
    status = models.TextField(
        choices=ConnectionStatus, db_default=ConnectionStatus.ACTIVE, default=ConnectionStatus.ACTIVE
    )
    settings = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        validators=[refuse_secrets],
        db_comment="What the adapter asks for; no secrets.",
    )
    last_error = models.TextField(
        default="", db_default="", blank=True, editable=False, db_comment="Why the status is error."
    )
    last_synced_at = models.DateTimeField(null=True, blank=True, editable=False)
    vault_secret_id = models.UUIDField(null=True, blank=True, editable=False, db_comment="private.vault_secrets.id.")
    credential_last_four = models.TextField(
        default="", db_default="", blank=True, editable=False, db_comment="So that people tell credentials apart."
    )
    credential_set_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "integration_connections"
        db_table_comment = "Accounts at other systems; credentials are in private.vault_secrets, encrypted."
        ordering: ClassVar = ["-org_id", "-id"]
        verbose_name = "connection"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=ConnectionStatus.values), name="integration_connections_status"
            ),
            models.CheckConstraint(
                condition=models.Q(provider__regex=rf"^{PROVIDER_PATTERN}$"),
                name="integration_connections_provider",
                violation_error_message="A provider is a name such as folder: lower-case letters, digits, underscores.",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="integration_connections_name_given"),
            models.UniqueConstraint(
                fields=["org", "name"],
                name="integration_connections_name",
                violation_error_message="There is a connection of this name already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.provider})"
