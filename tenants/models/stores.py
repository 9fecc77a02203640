"""Stores: where an organization sells."""

from typing import ClassVar

from django.db import models

from tenants.fields import OrgForeignKey
from tenants.models.soft_delete import SoftDeleteModel
from tenants.models.workspaces import Workspace


class Store(SoftDeleteModel):
    """One place of sale, in one workspace."""

    workspace = OrgForeignKey(Workspace, models.PROTECT, related_name="stores")
    name = models.TextField()
    timezone = models.TextField(
        default="UTC", db_default="UTC", db_comment="IANA name; days of its figures begin there."
    )

    class Meta:
        db_table = "stores"
        db_table_comment = "Places of sale, in workspaces."
        ordering: ClassVar = ["-org_id", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="stores_name_given"),
            models.UniqueConstraint(
                fields=["org", "workspace", "name"], condition=models.Q(deleted_at__isnull=True), name="stores_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name
