"""Runs of reading from connections."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import postgres.keys
import tenants.constraints
import tenants.fields


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0038_rows_without_month"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SyncJob",
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
                    postgres.keys.CompositeKey(
                        columns=("org", "id"),
                        db_default=postgres.keys.NewId(),
                        default=postgres.keys.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("pending", "Pending"),
                            ("running", "Running"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_default="pending",
                        default="pending",
                        editable=False,
                    ),
                ),
                (
                    "cursor",
                    models.JSONField(
                        db_comment="How far the adapter came; saved with the events that were read up to there.",
                        db_default=models.Value({}, models.JSONField()),
                        default=dict,
                        editable=False,
                    ),
                ),
                ("events_read", models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                (
                    "events_added",
                    models.PositiveIntegerField(
                        db_comment="Without those that had been there.", db_default=0, default=0, editable=False
                    ),
                ),
                (
                    "attempts",
                    models.PositiveIntegerField(
                        db_comment="How many processes took it up.", db_default=0, default=0, editable=False
                    ),
                ),
                ("error", models.TextField(blank=True, db_default="", default="", editable=False)),
                ("started_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("finished_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("cancel_asked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "held_by",
                    models.UUIDField(
                        blank=True,
                        db_comment="The process at work; another that took it over ends it.",
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "held_until",
                    models.DateTimeField(
                        blank=True,
                        db_comment="Set forward with every batch; past it, anybody may take over.",
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "connection",
                    tenants.fields.OrgForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="jobs",
                        to="tenants.integrationconnection",
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
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "sync job",
                "db_table": "sync_jobs",
                "db_table_comment": "Runs of reading from connections.",
                "ordering": ["-org_id", "-id"],
                "indexes": [models.Index(fields=["org", "connection"], name="sync_jobs_connection_id_pair")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["pending", "running", "succeeded", "failed", "cancelled"])),
                        name="sync_jobs_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("held_by__isnull", False), ("held_until__isnull", False), ("status", "running")),
                            models.Q(("status", "running"), _negated=True),
                            _connector="OR",
                        ),
                        name="sync_jobs_held",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "running")),
                        fields=("org", "connection"),
                        name="sync_jobs_one_running",
                        violation_error_message="A sync of this connection is running already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "pending")),
                        fields=("org", "connection"),
                        name="sync_jobs_one_pending",
                        violation_error_message="A sync of this connection is waiting already.",
                    ),
                    tenants.constraints.OrgGuard(
                        access="sync_jobs", audited=False, name="sync_jobs_guard", version="1fdb5d5b9d1d"
                    ),
                    tenants.constraints.CompositeForeignKey(
                        columns=("org_id", "connection_id"),
                        name="fk_sync_jobs_connection_id",
                        on_delete="CASCADE",
                        to="tenants.integrationconnection",
                        to_columns=("org_id", "id"),
                    ),
                ],
            },
        ),
    ]
