"""Metrics: what is measured, and the measurements, by month; closed before they hold a row."""

import datetime
from decimal import Decimal

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import postgres.keys
import tenants.constraints
import tenants.fields


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0029_ai_usage_key_validated"),
    ]

    operations = [
        migrations.CreateModel(
            name="MetricDefinition",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "id",
                    postgres.keys.IdField(
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.TextField(db_comment="Its name in events and requests; never changed.", unique=True)),
                (
                    "source",
                    models.TextField(
                        blank=True, db_comment="The system that it comes from.", db_default="", default=""
                    ),
                ),
                ("display_name", models.TextField()),
                ("unit", models.TextField(blank=True, db_comment="USD, visits, minutes, …", db_default="", default="")),
                (
                    "aggregation_method",
                    models.TextField(
                        choices=[
                            ("sum", "Sum"),
                            ("avg", "Average"),
                            ("min", "Smallest"),
                            ("max", "Largest"),
                            ("last", "Last"),
                            ("count", "Count"),
                            ("p95", "95th percentile"),
                        ],
                        db_default="sum",
                        default="sum",
                    ),
                ),
                ("category", models.TextField(blank=True, db_default="", default="")),
                (
                    "metadata",
                    models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
                ),
            ],
            options={
                "db_table": "metric_definitions",
                "db_table_comment": "What is measured, and how it is added up; for all organizations.",
                "ordering": ["category", "key"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("key__regex", "^[a-z][a-z0-9_.]{0,99}$")),
                        name="metric_definitions_key",
                        violation_error_message="A key is up to 100 lower-case letters, digits, dots and underscores.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("display_name", ""), _negated=True), name="metric_definitions_display_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("aggregation_method__in", ["sum", "avg", "min", "max", "last", "count", "p95"])
                        ),
                        name="metric_definitions_aggregation",
                    ),
                    tenants.constraints.OperationsGuard(
                        access="metric_definitions", name="metric_definitions_guard", version="0435d42d5935"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MetricEvent",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "id",
                    postgres.keys.CompositeKey(
                        columns=("org", "recorded_at", "id"),
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        partition_by="recorded_at",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_comment="When it was measured; created_at is when it arrived."),
                ),
                ("metric_key", models.TextField(db_comment="metric_definitions.key.")),
                ("value", models.DecimalField(decimal_places=6, max_digits=24)),
                (
                    "dimensions",
                    models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
                ),
                (
                    "client_event_id",
                    models.TextField(
                        blank=True,
                        db_comment="The sender's name for it: sent twice with the same time, it counts once.",
                        null=True,
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
                (
                    "store",
                    tenants.fields.OrgForeignKey(
                        blank=True,
                        in_database="SET NULL",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="tenants.store",
                    ),
                ),
            ],
            options={
                "db_table": "metric_events",
                "db_table_comment": "Measurements, partitioned by month of recorded_at.",
                "ordering": ["-org_id", "-recorded_at", "-id"],
                "indexes": [
                    models.Index(fields=["org", "store", "-recorded_at"], name="idx_metric_events_store"),
                    models.Index(fields=["metric_key", "org", "-recorded_at"], name="idx_metric_events_metric"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("client_event_id__isnull", False)),
                        fields=("org", "recorded_at", "client_event_id"),
                        name="metric_events_client_event",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "value__range",
                                (Decimal("-999999999999999999.999999"), Decimal("999999999999999999.999999")),
                            )
                        ),
                        name="metric_events_value",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_at__gte", datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.UTC)),
                            ("recorded_at__lt", datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.UTC)),
                        ),
                        name="metric_events_recorded_at",
                    ),
                    tenants.constraints.CompositeForeignKey(
                        columns=("metric_key",),
                        name="fk_metric_events_metric_key",
                        on_delete="",
                        to="tenants.metricdefinition",
                        to_columns=("key",),
                    ),
                    tenants.constraints.OrgGuard(
                        access="metric_events",
                        audited=False,
                        name="metric_events_guard",
                        touched=False,
                        version="20a12d45f71a",
                    ),
                    tenants.constraints.CompositeForeignKey(
                        columns=("org_id", "store_id"),
                        name="fk_metric_events_store_id",
                        on_delete="SET NULL",
                        to="tenants.store",
                        to_columns=("org_id", "id"),
                    ),
                ],
            },
        ),
    ]
