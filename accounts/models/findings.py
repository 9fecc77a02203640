"""Findings: access rows and memberships that look wrong, with the evidence."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from tenants.models.base import OrgModel

NO_IDS = models.Value([], ArrayField(models.UUIDField()))


class FindingState(models.TextChoices):
    """`closed`: what was found is no longer so; `accepted`: somebody said why it is right, until a day."""

    OPEN = "open", "open"
    ACCEPTED = "accepted", "accepted"
    CLOSED = "closed", "closed"


class AccessFinding(OrgModel):
    """What one detector found about one person in one organization; the same thing found again is the same row."""

    access = "findings"
    # Derived by looking, night after night; what people decide about one enters the log as an event.
    audited = False

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="+")
    email_lower = models.TextField(
        db_comment="The person's e-mail when last seen: staff of one organization cannot read it of a stranger."
    )
    detector = models.TextField()
    key = models.TextField(db_comment="What makes it the same finding the next time.")
    evidence = models.TextField(db_comment="Why it looks wrong, in a sentence.")
    row_ids = ArrayField(
        models.UUIDField(), db_default=NO_IDS, default=list, db_comment="Rows of user_dso_access that would go."
    )
    kept_ids = ArrayField(
        models.UUIDField(), db_default=NO_IDS, default=list, db_comment="Rows that stay and belong to the evidence."
    )
    member_id = models.UUIDField(null=True, blank=True, db_comment="The row of org_members that would go.")
    state = models.TextField(choices=FindingState, db_default=FindingState.OPEN, default=FindingState.OPEN)
    first_seen = models.DateTimeField(db_default=Now())
    last_seen = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    accept_reason = models.TextField(blank=True, db_default="", default="")
    accepted_by = models.TextField(blank=True, db_default="", default="", db_comment="An actor, as in the log.")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_until = models.DateTimeField(null=True, blank=True, db_comment="Then it comes back, if it is still so.")
    accepted_ids = ArrayField(
        models.UUIDField(), db_default=NO_IDS, default=list, db_comment="The rows accepted: one more, and it is back."
    )

    class Meta:
        db_table = "access_findings"
        db_table_comment = "Access rows and memberships that look wrong, as the detectors of the access review see it."
        ordering: ClassVar = ["-org_id", "-id"]
        default_permissions = ("view", "change")
        verbose_name = "finding"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "detector", "key"], name="access_findings_key"),
            models.CheckConstraint(condition=models.Q(state__in=FindingState.values), name="access_findings_state"),
            models.CheckConstraint(
                condition=~models.Q(state=FindingState.ACCEPTED)
                | models.Q(accepted_until__isnull=False) & ~models.Q(accept_reason=""),
                name="access_findings_accepted",
                violation_error_message="Whoever accepts a finding says why, and until when.",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "org"], name="idx_access_findings_user"),
            models.Index(fields=["org", "email_lower"], name="idx_access_findings_email"),
            models.Index(fields=["org", "id"], name="idx_access_findings_open", condition=models.Q(state="open")),
            models.Index(
                fields=["detector", "org", "id"],
                name="idx_access_findings_detector",
                condition=models.Q(state="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.detector.replace('_', ' ')}: {self.email_lower}"
