"""Rows that no rule gives an organization to: kept aside, with what a person needs to decide."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from postgres.keys import IdField
from tenants.constraints import OperationsGuard
from tenants.models.base import Timestamps
from tenants.models.conversions import ConversionTable
from tenants.models.organizations import Organization


class QuarantineReason(models.TextChoices):
    """Why a row found no organization."""

    NO_PERSON = "no_person", "its person column is null"
    UNKNOWN_PERSON = "unknown_person", "its person is not known here"
    NO_ORG = "no_org", "its person is in no organization"
    MANY_ORGS = "many_orgs", "its person is in several organizations"
    NO_PARENT = "no_parent", "its parent is null or missing"
    PARENT_WITHOUT_ORG = "parent_without_org", "its parent has no organization"


class QuarantinedRow(Timestamps):
    """One row of a converted table that waits for a decision, or has had one."""

    id = IdField()
    table = models.ForeignKey(ConversionTable, models.CASCADE, related_name="quarantined")
    row_key = models.JSONField(db_comment="Key columns and values as text; the ctid where there is no key.")
    reason = models.TextField(choices=QuarantineReason)
    candidates = ArrayField(
        models.UUIDField(), db_default=models.Value([], ArrayField(models.UUIDField())), default=list
    )
    decided_org = models.ForeignKey(Organization, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_by = models.TextField(blank=True, db_default="", default="", db_comment="An actor, as in the log.")
    decided_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True, db_comment="When the row got its organization.")

    class Meta:
        db_table = "conversion_quarantine"
        db_table_comment = "Rows of conversions that wait for a person to name their organization."
        ordering: ClassVar = ["table", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["table", "row_key"], name="conversion_quarantine_row"),
            models.CheckConstraint(
                condition=models.Q(reason__in=QuarantineReason.values), name="conversion_quarantine_reason"
            ),
            OperationsGuard(name="conversion_quarantine_guard", access="conversion_decisions"),
        ]

    def __str__(self) -> str:
        return f"row {self.key_text()}"

    def key_text(self) -> str:
        """Its key as people say it: `id 17`."""
        return ", ".join(f"{name} {value}" for name, value in self.row_key.items())
