"""What happened with customers, as events of any shape."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from tenants.fields import OrgForeignKey
from tenants.models.base import OrgModel
from tenants.models.customers import Customer


class ActivityType(models.TextChoices):
    """What kind of event it was."""

    SIGNUP = "signup"
    PURCHASE = "purchase"
    CHURN = "churn"
    LOGIN = "login"
    EXPORT = "export"


class Activity(OrgModel):
    """One event, with whatever there is to say about it."""

    type = models.TextField(choices=ActivityType)
    customer = OrgForeignKey(
        Customer, models.DO_NOTHING, in_database="SET NULL", null=True, blank=True, related_name="activities"
    )
    metadata = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)

    class Meta:
        db_table = "activities"
        db_table_comment = "Events around customers."
        ordering: ClassVar = ["-org_id", "-id"]
        verbose_name_plural = "activities"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(type__in=ActivityType.values), name="activities_type"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["org", "type"], name="idx_activities_type"),
            GinIndex(fields=["metadata"], name="idx_activities_metadata"),
        ]

    def __str__(self) -> str:
        return str(self.type)
