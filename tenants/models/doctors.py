"""Doctors: who works in a DSO."""

from typing import ClassVar

from django.db import models

from tenants.fields import OrgForeignKey, StoredBeginning
from tenants.models.dsos import Dso
from tenants.models.soft_delete import SoftDeleteModel


class Doctor(SoftDeleteModel):
    """A doctor of one DSO; seen by whoever sees the DSO."""

    access = "doctors"

    dso = OrgForeignKey(Dso, models.DO_NOTHING, in_database="CASCADE", related_name="doctors")
    name = models.TextField()
    name_lower = StoredBeginning("name")

    class Meta:
        db_table = "doctors"
        db_table_comment = "Doctors of DSOs; deleted softly."
        ordering: ClassVar = ["-org_id", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["org", "name_lower"], name="idx_doctors_org_name"),
            models.Index(
                fields=["org", "deletion_id"],
                name="idx_doctors_deletion",
                condition=models.Q(deletion_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name
