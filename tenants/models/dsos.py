"""DSOs: dental service organizations, whose doctors an organization looks after."""

from typing import ClassVar

from django.db import models

from tenants.fields import StoredBeginning
from tenants.models.soft_delete import SoftDeleteModel


class Dso(SoftDeleteModel):
    """A group of practices; members see it when they hold an access row for it."""

    access = "dsos"
    deleted_with = (("doctors", "dso_id"),)

    name = models.TextField()
    name_lower = StoredBeginning("name")

    class Meta:
        db_table = "dsos"
        db_table_comment = "Dental service organizations; deleted softly, with their doctors."
        ordering: ClassVar = ["-org_id", "-id"]
        verbose_name = "DSO"
        indexes: ClassVar = [
            models.Index(fields=["org", "name_lower"], name="idx_dsos_org_name"),
            models.Index(
                fields=["org", "deletion_id"], name="idx_dsos_deletion", condition=models.Q(deletion_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name
