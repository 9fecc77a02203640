"""The demo's metrics: definitions, and a year of what was measured, written in a few statements."""

from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone

from config.demo.world import ORGS
from postgres.partitions import make_months, months_before
from tenants.metrics.partitions import EVENTS
from tenants.models import Aggregation, MetricDefinition, Organization

MONTHS = 12
EVENTS_SQL = Path(__file__).parent / "metric_events.sql"
DEFINITIONS = (
    ("revenue", "Revenue", "USD", Aggregation.SUM, "sales", "pos"),
    ("orders", "Orders", "orders", Aggregation.SUM, "sales", "pos"),
    ("basket_value", "Basket value", "USD", Aggregation.AVG, "sales", "pos"),
    ("visits", "Visits", "visits", Aggregation.SUM, "traffic", "door_counter"),
    ("queue_seconds", "Waiting time", "seconds", Aggregation.P95, "service", "door_counter"),
    ("stock_value", "Stock value", "USD", Aggregation.LAST, "inventory", "erp"),
    ("fridge_celsius", "Warmest fridge", "°C", Aggregation.MAX, "inventory", "sensors"),
    ("support_tickets", "Support tickets", "tickets", Aggregation.COUNT, "service", "help_desk"),
)


def metrics_stand() -> bool:
    """Whether anything of it is defined: events that were deleted since do not come back."""
    return MetricDefinition.objects.filter(key__in=[values[0] for values in DEFINITIONS]).exists()


def build_metrics() -> None:
    """Definitions that are missing, and events of every store of the demo's organizations, as old as these are."""
    names = ("key", "display_name", "unit", "aggregation_method", "category", "source")
    made = [MetricDefinition(**dict(zip(names, values, strict=True))) for values in DEFINITIONS]
    MetricDefinition.objects.bulk_create(made, ignore_conflicts=True)
    yesterday = timezone.now().date() - timedelta(days=1)
    orgs = list(Organization.objects.filter(slug__in=[plan.slug for plan in ORGS]).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        make_months(cursor, EVENTS, months_before(yesterday, MONTHS), MONTHS + 2)
        cursor.execute(EVENTS_SQL.read_text(encoding="utf-8"), {"orgs": orgs, "yesterday": yesterday})
