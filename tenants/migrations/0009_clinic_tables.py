"""DSOs, doctors and access rows as they were before organizations: made, or adopted where they stand already."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import postgres.keys
from tenants.clinic.adoption import OUR_COMMENTS, CreateOrAdopt, finish_return, refuse_unfit_tables
from tenants.patient import Patient

NOW = django.db.models.functions.datetime.Now()


def old_key():
    return postgres.keys.IdField(
        db_default=postgres.keys.NewId(),
        default=postgres.keys.new_id,
        editable=False,
        primary_key=True,
        serialize=False,
    )


def times():
    return [
        ("created_at", models.DateTimeField(db_default=NOW, editable=False)),
        ("updated_at", models.DateTimeField(db_default=NOW, editable=False)),
        ("id", old_key()),
    ]


def deletion():
    said = "Shared by the rows that went together and come back together."
    return [
        ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
        ("deletion_id", models.UUIDField(blank=True, db_comment=said, editable=False, null=True)),
    ]


def to_dso(related_name):
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to="tenants.dso"
    )


def check_tables(apps, schema_editor):
    refuse_unfit_tables()


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tenants", "0008_clinic_functions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(check_tables, finish_return),
        Patient(
            CreateOrAdopt(
                name="Dso",
                fields=[*times(), *deletion(), ("name", models.TextField())],
                options={
                    "verbose_name": "DSO",
                    "db_table": "dsos",
                    "db_table_comment": OUR_COMMENTS["dsos"],
                    "ordering": ["-org_id", "-id"],
                },
            )
        ),
        Patient(
            CreateOrAdopt(
                name="Doctor",
                fields=[*times(), *deletion(), ("name", models.TextField()), ("dso", to_dso("doctors"))],
                options={
                    "db_table": "doctors",
                    "db_table_comment": OUR_COMMENTS["doctors"],
                    "ordering": ["-org_id", "-id"],
                },
            ),
            tables=2,
        ),
        Patient(
            CreateOrAdopt(
                name="UserDsoAccess",
                fields=[
                    *times(),
                    ("granted_at", models.DateTimeField(db_default=NOW, editable=False)),
                    ("expires_at", models.DateTimeField(blank=True, db_comment="Never, where empty.", null=True)),
                    ("dso", to_dso("access_rows")),
                    (
                        "granted_by",
                        models.ForeignKey(
                            blank=True,
                            db_column="granted_by",
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "user",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="dso_access",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "verbose_name": "DSO access row",
                    "db_table": "user_dso_access",
                    "db_table_comment": OUR_COMMENTS["user_dso_access"],
                    "ordering": ["-org_id", "-id"],
                },
            ),
            tables=3,
        ),
    ]
