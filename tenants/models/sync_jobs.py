"""Sync jobs: one run of reading from a connection, with how far it came."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from tenants.fields import OrgForeignKey
from tenants.models.base import OrgModel
from tenants.models.integrations import IntegrationConnection


class SyncStatus(models.TextChoices):
    """Where a job stands."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


def empty_object() -> models.Value:
    return models.Value({}, models.JSONField())


class SyncJob(OrgModel):
    """Asked for by a person or by `run_sync`; one of a connection runs at a time, which the database holds."""

    access = "sync_jobs"
    # How far it came is not a decision of anybody: the events `sync_*` say who asked, and how it ended.
    audited = False

    connection = OrgForeignKey(IntegrationConnection, models.CASCADE, related_name="jobs")
    status = models.TextField(
        choices=SyncStatus, db_default=SyncStatus.PENDING, default=SyncStatus.PENDING, editable=False
    )
    cursor = models.JSONField(
        default=dict,
        db_default=empty_object(),
        editable=False,
        db_comment="How far the adapter came; saved with the events that were read up to there.",
    )
    events_read = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    events_added = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, db_comment="Without those that had been there."
    )
    attempts = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, db_comment="How many processes took it up."
    )
    error = models.TextField(default="", db_default="", blank=True, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    held_by = models.UUIDField(
        null=True, blank=True, editable=False, db_comment="The process at work; another that took it over ends it."
    )
    held_until = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="Set forward with every batch; past it, anybody may take over.",
    )

    class Meta:
        db_table = "sync_jobs"
        db_table_comment = "Runs of reading from connections."
        ordering: ClassVar = ["-org_id", "-id"]
        verbose_name = "sync job"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(status__in=SyncStatus.values), name="sync_jobs_status"),
            models.CheckConstraint(
                condition=models.Q(status=SyncStatus.RUNNING, held_by__isnull=False, held_until__isnull=False)
                | ~models.Q(status=SyncStatus.RUNNING),
                name="sync_jobs_held",
            ),
            models.UniqueConstraint(
                fields=["org", "connection"],
                condition=models.Q(status=SyncStatus.RUNNING),
                name="sync_jobs_one_running",
                violation_error_message="A sync of this connection is running already.",
            ),
            models.UniqueConstraint(
                fields=["org", "connection"],
                condition=models.Q(status=SyncStatus.PENDING),
                name="sync_jobs_one_pending",
                violation_error_message="A sync of this connection is waiting already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} since {self.started_at or self.created_at:%Y-%m-%d %H:%M}"
