"""Wishes about conversions, from the console to the process that carries them out."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import postgres.keys
import tenants.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0035_org_archive"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConversionRequest",
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
                ("verb", models.TextField(choices=[("run", "Run"), ("verify", "Verify")])),
                ("asked_by", models.TextField(db_comment="An actor, as in the log.")),
                (
                    "worker",
                    models.TextField(
                        blank=True, db_comment="host:pid of who carries it out.", db_default="", default=""
                    ),
                ),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "done",
                    models.BooleanField(
                        db_comment="Wholly: nothing waits, the proof holds.", db_default=False, default=False
                    ),
                ),
                (
                    "outcome",
                    models.TextField(
                        blank=True, db_comment="What came of it, in sentences.", db_default="", default=""
                    ),
                ),
                (
                    "proof",
                    models.JSONField(blank=True, db_comment="Of `verify`: every check, as --json gives it.", null=True),
                ),
                (
                    "conversion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="requests", to="tenants.conversion"
                    ),
                ),
            ],
            options={
                "db_table": "conversion_requests",
                "db_table_comment": "What people asked of conversions from the console, and what came of it.",
                "ordering": ["conversion", "-created_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at__isnull", True)),
                        fields=("conversion", "verb"),
                        name="conversion_requests_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("verb__in", ["run", "verify"])), name="conversion_requests_verb"
                    ),
                    tenants.constraints.OperationsGuard(
                        access="conversion_requests", name="conversion_requests_guard", version="8c209b367771"
                    ),
                ],
            },
        ),
    ]
