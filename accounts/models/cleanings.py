"""Cleanings: wrong access removed in batches, each row kept as it was, so that a batch can be undone."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.findings import NO_IDS
from postgres.keys import new_id
from tenants.fields import OrgForeignKey
from tenants.models.base import OrgModel

# Above this share of an organization's access rows, somebody should look twice.
LARGE_SHARE = 0.2


class CleaningState(models.TextChoices):
    """A preview changes nothing; it is thrown away after a day."""

    PREVIEW = "preview", "preview"
    APPLIED = "applied", "applied"
    UNDONE = "undone", "undone"


class Outcome(models.TextChoices):
    """What became of one row of a batch."""

    PLANNED = "planned", "goes"
    KEPT = "kept", "stays: the last owner"
    REMOVED = "removed", "removed"
    CHANGED = "changed", "skipped: changed since the preview"
    GONE = "gone", "skipped: gone before"
    RESTORED = "restored", "restored"
    GRANTER_GONE = "granter_gone", "restored, but who granted it is gone"
    PERSON_GONE = "person_gone", "not restored: the person is gone"
    DSO_GONE = "dso_gone", "not restored: the DSO is gone"
    WORKSPACE_GONE = "workspace_gone", "not restored: the workspace is gone"
    MEMBERSHIP_GONE = "membership_gone", "not restored: the person is no member"
    THERE_AGAIN = "there_again", "not restored: there is such a row again"


class CleaningBatch(OrgModel):
    """One organization's part of a cleaning; parts of one batch share its `batch_id`, as the log does."""

    access = "cleanings"

    batch_id = models.UUIDField(default=new_id, editable=False, db_comment="As in audit_logs.")
    state = models.TextField(choices=CleaningState, db_default=CleaningState.PREVIEW, default=CleaningState.PREVIEW)
    reason = models.TextField(blank=True, db_default="", default="")
    made_by = models.TextField(db_comment="An actor, as in the log.")
    access_rows = models.BigIntegerField(db_comment="The organization's rows of user_dso_access at the preview.")
    planned_rows = models.BigIntegerField(db_comment="How many of these would go.")
    last_owners = ArrayField(
        models.TextField(),
        db_default=models.Value([], ArrayField(models.TextField())),
        default=list,
        db_comment="People among those concerned whom the organization has as its only owner.",
    )
    applied_by = models.TextField(blank=True, db_default="", default="")
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.TextField(blank=True, db_default="", default="")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "cleaning_batches"
        db_table_comment = "Cleanings of wrong access, one row per batch and organization."
        ordering: ClassVar = ["-org_id", "-id"]
        default_permissions = ("view",)
        verbose_name = "cleaning"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "batch_id"], name="cleaning_batches_part"),
            models.CheckConstraint(condition=models.Q(state__in=CleaningState.values), name="cleaning_batches_state"),
            models.CheckConstraint(
                condition=models.Q(state=CleaningState.PREVIEW) | ~models.Q(reason=""), name="cleaning_batches_reason"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["batch_id"], name="idx_cleaning_batches_batch")]

    def __str__(self) -> str:
        return f"{self.get_state_display()} of {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def share(self) -> float:
        """How much of the organization's access rows would go."""
        return self.planned_rows / self.access_rows if self.access_rows else 0.0

    @property
    def staying_rows(self) -> int:
        return self.access_rows - self.planned_rows

    @property
    def is_large(self) -> bool:
        return self.share > LARGE_SHARE

    def warnings(self) -> list[str]:
        """What somebody should have read before it is applied."""
        told = []
        if self.is_large:
            told.append(
                f"{self.planned_rows:,} of the {self.access_rows:,} access rows of {self.org} go: {self.share:.0%}."
            )
        if self.last_owners:
            owners = " and ".join(self.last_owners)
            told.append(f"Nobody would own {self.org} without {owners}: such a membership never ends here.")
        return told


class CleaningRow(OrgModel):
    """One row that a cleaning is about, exactly as it was at the preview."""

    access = "cleanings"
    # The rows it removes and restores are logged themselves.
    audited = False

    batch = OrgForeignKey(CleaningBatch, models.CASCADE, related_name="rows")
    table_name = models.TextField()
    row_id = models.UUIDField()
    user_id = models.UUIDField(db_comment="No key: the evidence outlives the person.")
    email_lower = models.TextField()
    shown = models.TextField(db_comment="What the row lets the person into.")
    evidence = models.TextField(db_comment="A line for each finding behind it.")
    finding_ids = ArrayField(models.UUIDField(), db_default=NO_IDS, default=list)
    data = models.JSONField(db_comment="The whole row: what it is compared with, and restored from.")
    outcome = models.TextField(choices=Outcome, db_default=Outcome.PLANNED, default=Outcome.PLANNED)

    class Meta:
        db_table = "cleaning_rows"
        db_table_comment = "The rows that cleanings removed or left, as they were."
        ordering: ClassVar = ["-org_id", "-id"]
        default_permissions = ()
        verbose_name = "cleaned row"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "batch", "table_name", "row_id"], name="cleaning_rows_row"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="cleaning_rows_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.email_lower}: {self.shown}"
