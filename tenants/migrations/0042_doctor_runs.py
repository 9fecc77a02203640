"""What the doctor found, kept for the console."""

import django.db.models.functions.datetime
from django.db import migrations, models

import postgres.keys
import tenants.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0041_connections_redacted"),
    ]

    operations = [
        migrations.CreateModel(
            name="DoctorRun",
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
                ("made_by", models.TextField(db_comment="The command that looked: doctor, or maintain.")),
                ("errors", models.PositiveIntegerField(db_default=0, default=0)),
                ("warnings", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "notes",
                    models.PositiveIntegerField(db_comment="Findings of the level info.", db_default=0, default=0),
                ),
                (
                    "findings",
                    models.JSONField(db_comment="The gravest of them, each as `manage.py doctor --json` gives it."),
                ),
            ],
            options={
                "db_table": "doctor_runs",
                "db_table_comment": "What the doctor found, each time it looked at the whole database.",
                "ordering": ["-id"],
                "constraints": [
                    tenants.constraints.OperationsGuard(
                        access="doctor_runs", audited=False, name="doctor_runs_guard", version="f6b2529931b8"
                    )
                ],
            },
        ),
    ]
