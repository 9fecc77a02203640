"""Members: people in organizations, each with a role and a state."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from tenants.models.base import OrgModel


class Role(models.TextChoices):
    """What a member may do; the order is that of authority, highest first."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"

    @property
    def rank(self) -> int:
        return {"owner": 3, "admin": 2, "member": 1}[self.value]


class MemberState(models.TextChoices):
    """`pending`: added, not yet accepted; `inactive`: shut out, with the role kept for reactivation."""

    PENDING = "pending"
    ACTIVE = "active"
    INACTIVE = "inactive"


class OrgMember(OrgModel):
    """A person in an organization; this row, at the time of a request, is all authority there is."""

    access = "members"

    # idx_org_members_user serves as the index of this key.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="memberships")
    org = models.ForeignKey(
        "tenants.Organization", models.CASCADE, db_constraint=False, db_index=False, related_name="members"
    )
    role = models.TextField(choices=Role, db_default=Role.MEMBER, default=Role.MEMBER)
    state = models.TextField(choices=MemberState, db_default=MemberState.ACTIVE, default=MemberState.ACTIVE)
    joined_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the person became active; kept afterwards."
    )

    class Meta:
        db_table = "org_members"
        db_table_comment = "Who is in which organization, with which role."
        ordering: ClassVar = ["-org_id", "-id"]
        verbose_name = "member"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["org", "user"],
                name="org_members_person",
                violation_error_message="This person is a member already.",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="org_members_role"),
            models.CheckConstraint(condition=models.Q(state__in=MemberState.values), name="org_members_state"),
            models.CheckConstraint(
                condition=~models.Q(state=MemberState.ACTIVE) | models.Q(joined_at__isnull=False),
                name="org_members_joined_at",
                violation_error_message="An active member has joined at some time.",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "joined_at", "id"], name="idx_org_members_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
