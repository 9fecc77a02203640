"""Organizations: what everything else belongs to."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Length

from postgres.keys import IdField
from tenants.constraints import OrgGuard
from tenants.models.base import Timestamps
from tenants.slugs import LONGEST, RESERVED, SHORTEST, SLUG_PATTERN, skeleton_expression, validate_slug


class OrgStatus(models.TextChoices):
    """Whether an organization works; `deleting` is the grace period in which its deletion can be undone."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETING = "deleting"


class PlanTier(models.TextChoices):
    """What an organization has subscribed to."""

    FREE = "free"
    GROWTH = "growth"
    ENTERPRISE = "enterprise"


models.TextField.register_lookup(Length)


class Organization(Timestamps):
    """A customer of ours: people are its members, and every org table's rows belong to exactly one."""

    id = IdField()
    slug = models.TextField(unique=True, validators=[validate_slug], db_comment="Its name in addresses.")
    slug_skeleton = models.GeneratedField(
        expression=skeleton_expression(),
        output_field=models.TextField(),
        db_persist=True,
        unique=True,
        db_comment="The slug with look-alike letters made equal: two organizations cannot be mistaken for each other.",
        error_messages={"unique": "This slug looks like that of another organization."},
    )
    name = models.TextField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="created_organizations"
    )
    status = models.TextField(choices=OrgStatus, db_default=OrgStatus.ACTIVE, default=OrgStatus.ACTIVE)
    deleting_since = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="When deletion was asked for; it is final after a grace period.",
    )
    was_suspended = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        db_comment="Whether it was suspended when deletion was asked for: restored, it is so again.",
    )
    plan_tier = models.TextField(choices=PlanTier, db_default=PlanTier.FREE, default=PlanTier.FREE)
    feature_flags = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
    white_label_config = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)

    class Meta:
        db_table = "organizations"
        db_table_comment = "Customers; the id is the org_id of every org table."
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(status__in=OrgStatus.values), name="organizations_status"),
            models.CheckConstraint(condition=models.Q(plan_tier__in=PlanTier.values), name="organizations_plan_tier"),
            models.CheckConstraint(
                condition=models.Q(status=OrgStatus.DELETING, deleting_since__isnull=False)
                | (~models.Q(status=OrgStatus.DELETING) & models.Q(deleting_since__isnull=True)),
                name="organizations_deleting_since",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="organizations_name"),
            models.CheckConstraint(
                condition=models.Q(slug__regex=rf"^{SLUG_PATTERN}$", slug__length__range=(SHORTEST, LONGEST)),
                name="organizations_slug",
                violation_error_message="A slug is 2 to 63 lower-case letters, digits and single hyphens.",
            ),
            models.CheckConstraint(
                condition=~models.Q(slug__in=sorted(RESERVED)),
                name="organizations_slug_reserved",
                violation_error_message="This slug is reserved.",
            ),
            OrgGuard(name="organizations_guard", access="organizations", org_column="id"),
        ]

    def __str__(self) -> str:
        return self.name
