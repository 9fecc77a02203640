"""What AI queries cost."""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from tenants.models.base import OrgModel


class AiUsageQuerySet(models.QuerySet["AiUsage"]):
    """Queries of the AI log; whose rows they see is the database's to say."""

    def summarize_by_user_and_day(self) -> models.QuerySet["AiUsage", Any]:
        """One row per organization, person (None: all who were deleted) and day: queries, tokens and cost."""
        return (
            self.values("org_id", "user_id", "date")
            .annotate(
                queries=models.Count("id"),
                tokens_in=models.Sum("input_tokens"),
                tokens_out=models.Sum("output_tokens"),
                cost=models.Sum("cost_usd"),
            )
            .order_by("-date", "org_id", "user_id")
        )


class AiUsage(OrgModel):
    """One AI query of one person; everybody logs and sees their own, admins see all."""

    access = "own"
    objects = AiUsageQuerySet.as_manager()

    # What a query cost outlives the person who asked.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    query_id = models.UUIDField(db_comment="The query, once: a repeated report of it is refused.")
    input_tokens = models.PositiveIntegerField(default=0, db_default=0)
    output_tokens = models.PositiveIntegerField(default=0, db_default=0)
    cost_usd = models.DecimalField(max_digits=10, decimal_places=4, default=0, db_default=0)
    model = models.TextField()
    date = models.DateField()

    class Meta:
        db_table = "ai_usage_log"
        db_table_comment = "AI queries and their cost, one row each."
        ordering: ClassVar = ["-org_id", "-id"]
        verbose_name = "AI query"
        verbose_name_plural = "AI usage"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["org", "query_id"],
                name="ai_usage_log_query",
                violation_error_message="This query was logged already.",
            ),
            # PostgreSQL sorts NaN above every number.
            models.CheckConstraint(
                condition=models.Q(cost_usd__range=(0, Decimal("999999.9999"))), name="ai_usage_log_cost"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["org", "date", "user"], name="idx_ai_usage_date"),
            models.Index(fields=["user"], name="idx_ai_usage_user"),
        ]

    def __str__(self) -> str:
        return f"{self.model} on {self.date} by {self.user or 'a person who was deleted'}"
