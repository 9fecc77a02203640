"""API keys: machine clients of an organization."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from tenants.models.base import OrgModel
from tenants.models.members import Role

KEY_ROLES = [(r.value, r.label) for r in (Role.ADMIN, Role.MEMBER)]


class ApiKey(OrgModel):
    """A machine client of one organization; it ends with it, and shows who made it."""

    access = "api_keys"
    redacted = ("secret_hash",)

    name = models.TextField()
    prefix = models.TextField(editable=False, db_comment="How the key begins, so that people tell keys apart.")
    secret_hash = models.TextField(editable=False, db_comment="SHA-256 of the key; the key itself is shown once.")
    role = models.TextField(choices=KEY_ROLES, db_default=Role.MEMBER, default=Role.MEMBER)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False, db_comment="To the hour.")
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        db_table = "api_keys"
        db_table_comment = "Machine clients of an organization."
        ordering: ClassVar = ["-org_id", "-id"]
        verbose_name = "API key"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(role__in=[Role.ADMIN, Role.MEMBER]), name="api_keys_role"),
            models.CheckConstraint(condition=~models.Q(name=""), name="api_keys_name_given"),
            models.UniqueConstraint(fields=["secret_hash", "org"], name="api_keys_secret"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
