"""Invitations: how a person who is asked in becomes a member."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from tenants.models.base import OrgModel
from tenants.models.members import Role


class InvitationState(models.TextChoices):
    """An invitation that ran out stays `pending`; its `expires_at` says so."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


class Invitation(OrgModel):
    """One e-mail address asked into one organization; the link works once, for that address only."""

    access = "invitations"
    redacted = ("token_hash",)

    org = models.ForeignKey(
        "tenants.Organization", models.CASCADE, db_constraint=False, db_index=False, related_name="invitations"
    )
    email = models.EmailField(max_length=254)
    email_lower = models.GeneratedField(
        expression=Lower("email"), output_field=models.TextField(), db_persist=True, editable=False
    )
    role = models.TextField(choices=Role, db_default=Role.MEMBER, default=Role.MEMBER)
    state = models.TextField(
        choices=InvitationState, db_default=InvitationState.PENDING, default=InvitationState.PENDING
    )
    token_hash = models.TextField(
        editable=False, db_comment="SHA-256 of the token; the token itself is only in the mail."
    )
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "invitations"
        db_table_comment = "People asked into an organization who have not accepted, or have."
        ordering: ClassVar = ["-org_id", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitations_role"),
            models.CheckConstraint(condition=models.Q(state__in=InvitationState.values), name="invitations_state"),
            models.UniqueConstraint(
                fields=["org", "email_lower"],
                condition=models.Q(state=InvitationState.PENDING),
                name="invitations_one_pending",
                violation_error_message="This address has an open invitation already; send it again instead.",
            ),
            models.UniqueConstraint(fields=["token_hash", "org"], name="invitations_token"),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"
