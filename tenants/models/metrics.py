"""Metrics: what is measured, and the measurements, by month."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar

from django.db import models

from postgres.keys import CompositeKey, IdField
from tenants.constraints import CompositeForeignKey, OperationsGuard
from tenants.fields import OrgForeignKey
from tenants.models.base import OrgModel, Timestamps
from tenants.models.stores import Store

KEY_PATTERN = r"[a-z][a-z0-9_.]{0,99}"
LARGEST = Decimal("999999999999999999.999999")
# Wider than anything is ever asked for, so that no row makes `maintain` build partitions without end.
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Aggregation(models.TextChoices):
    """How the events of a span of time become one number."""

    SUM = "sum"
    AVG = "avg", "Average"
    MIN = "min", "Smallest"
    MAX = "max", "Largest"
    LAST = "last"
    COUNT = "count"
    P95 = "p95", "95th percentile"


class MetricDefinition(Timestamps):
    """One thing that is measured, and how its measurements are put together; the same for all organizations."""

    id = IdField()
    key = models.TextField(unique=True, db_comment="Its name in events and requests; never changed.")
    source = models.TextField(blank=True, db_default="", default="", db_comment="The system that it comes from.")
    display_name = models.TextField()
    unit = models.TextField(blank=True, db_default="", default="", db_comment="USD, visits, minutes, …")
    aggregation_method = models.TextField(choices=Aggregation, db_default=Aggregation.SUM, default=Aggregation.SUM)
    category = models.TextField(blank=True, db_default="", default="")
    metadata = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)

    class Meta:
        db_table = "metric_definitions"
        db_table_comment = "What is measured, and how it is added up; for all organizations."
        ordering: ClassVar = ["category", "key"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(key__regex=rf"^{KEY_PATTERN}$"),
                name="metric_definitions_key",
                violation_error_message="A key is up to 100 lower-case letters, digits, dots and underscores.",
            ),
            models.CheckConstraint(condition=~models.Q(display_name=""), name="metric_definitions_display_name"),
            models.CheckConstraint(
                condition=models.Q(aggregation_method__in=Aggregation.values), name="metric_definitions_aggregation"
            ),
            OperationsGuard(name="metric_definitions_guard", access="metric_definitions"),
        ]

    def __str__(self) -> str:
        return self.display_name


class MetricEvent(OrgModel):
    """One measurement of one organization; written in bulk, never changed, not logged row by row."""

    access = "metric_events"
    audited = False
    touched = False

    id = CompositeKey(columns=("org", "recorded_at", "id"), partition_by="recorded_at")
    recorded_at = models.DateTimeField(db_comment="When it was measured; created_at is when it arrived.")
    # What was sold stays sold when a store is purged.
    store = OrgForeignKey(Store, models.DO_NOTHING, in_database="SET NULL", null=True, blank=True, related_name="+")
    metric_key = models.TextField(db_comment="metric_definitions.key.")
    value = models.DecimalField(max_digits=24, decimal_places=6)
    dimensions = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
    client_event_id = models.TextField(  # noqa: DJ001 - any number of events may have none
        null=True, blank=True, db_comment="The sender's name for it: sent twice with the same time, it counts once."
    )
    updated_at = None  # type: ignore[assignment]

    class Meta:
        db_table = "metric_events"
        db_table_comment = "Measurements, partitioned by month of recorded_at."
        ordering: ClassVar = ["-org_id", "-recorded_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["org", "recorded_at", "client_event_id"],
                condition=models.Q(client_event_id__isnull=False),
                name="metric_events_client_event",
            ),
            # PostgreSQL sorts NaN above every number.
            models.CheckConstraint(condition=models.Q(value__range=(-LARGEST, LARGEST)), name="metric_events_value"),
            models.CheckConstraint(
                condition=models.Q(recorded_at__gte=FIRST, recorded_at__lt=LAST), name="metric_events_recorded_at"
            ),
            CompositeForeignKey(
                name="fk_metric_events_metric_key",
                columns=("metric_key",),
                to="tenants.metricdefinition",
                to_columns=("key",),
                on_delete="",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["org", "store", "-recorded_at"], name="idx_metric_events_store"),
            # Led by the metric, not the organization: both are always given, and the key to definitions needs it.
            models.Index(fields=["metric_key", "org", "-recorded_at"], name="idx_metric_events_metric"),
        ]

    def __str__(self) -> str:
        return f"{self.metric_key} {self.value} at {self.recorded_at:%Y-%m-%d %H:%M}"
