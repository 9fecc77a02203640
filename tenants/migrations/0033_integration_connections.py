"""Connections to other systems."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import postgres.keys
import tenants.constraints
import tenants.models.integrations


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0032_access_rows_read_by_services"),
    ]

    operations = [
        migrations.CreateModel(
            name="IntegrationConnection",
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
                ("provider", models.TextField(db_comment="The adapter that reads from it.")),
                ("name", models.TextField()),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("error", "Error"),
                            ("revoked", "Revoked"),
                        ],
                        db_default="active",
                        default="active",
                    ),
                ),
                (
                    "settings",
                    models.JSONField(
                        blank=True,
                        db_comment="What the adapter asks for; no secrets.",
                        db_default=models.Value({}, models.JSONField()),
                        default=dict,
                        validators=[tenants.models.integrations.refuse_secrets],
                    ),
                ),
                (
                    "last_error",
                    models.TextField(
                        blank=True, db_comment="Why the status is error.", db_default="", default="", editable=False
                    ),
                ),
                ("last_synced_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "vault_secret_id",
                    models.UUIDField(blank=True, db_comment="private.vault_secrets.id.", editable=False, null=True),
                ),
                (
                    "credential_last_four",
                    models.TextField(
                        blank=True,
                        db_comment="So that people tell credentials apart.",
                        db_default="",
                        default="",
                        editable=False,
                    ),
                ),
                ("credential_set_at", models.DateTimeField(blank=True, editable=False, null=True)),
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
            ],
            options={
                "verbose_name": "connection",
                "db_table": "integration_connections",
                "db_table_comment": "Accounts at other systems; credentials are in private.vault_secrets, encrypted.",
                "ordering": ["-org_id", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["active", "paused", "error", "revoked"])),
                        name="integration_connections_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("provider__regex", "^[a-z][a-z0-9_]{1,62}$")),
                        name="integration_connections_provider",
                        violation_error_message="A provider is a name such as folder: lower-case letters, digits, underscores.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="integration_connections_name_given"
                    ),
                    models.UniqueConstraint(
                        fields=("org", "name"),
                        name="integration_connections_name",
                        violation_error_message="There is a connection of this name already.",
                    ),
                    tenants.constraints.OrgGuard(
                        access="integrations",
                        name="integration_connections_guard",
                        redacted=("credential_last_four",),
                        version="78deb7cb4db2",
                    ),
                ],
            },
        ),
    ]
