"""Soft deletion: a deleted row is hidden from clients, can be restored with what went with it, and is purged later."""

from django.db import models

from tenants.models.base import OrgModel


class SoftDeleteModel(OrgModel):
    """A DELETE by anyone but the owner role marks the row; the guard hides it from clients in every command."""

    soft_delete = True

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deletion_id = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        db_comment="Shared by the rows that went together and come back together.",
    )

    class Meta:
        abstract = True
