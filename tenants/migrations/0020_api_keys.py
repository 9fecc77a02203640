"""Machine clients of an organization."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import postgres.keys
import tenants.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0019_clinic_access_cleanup"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
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
                ("name", models.TextField()),
                (
                    "prefix",
                    models.TextField(db_comment="How the key begins, so that people tell keys apart.", editable=False),
                ),
                (
                    "secret_hash",
                    models.TextField(db_comment="SHA-256 of the key; the key itself is shown once.", editable=False),
                ),
                (
                    "role",
                    models.TextField(
                        choices=[("admin", "Admin"), ("member", "Member")], db_default="member", default="member"
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "last_used_at",
                    models.DateTimeField(blank=True, db_comment="To the hour.", editable=False, null=True),
                ),
                ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            ],
            options={
                "verbose_name": "API key",
                "db_table": "api_keys",
                "db_table_comment": "Machine clients of an organization.",
                "ordering": ["-org_id", "-id"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("role__in", ["admin", "member"])), name="api_keys_role"),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="api_keys_name_given"),
                    models.UniqueConstraint(fields=("secret_hash", "org"), name="api_keys_secret"),
                    tenants.constraints.OrgGuard(
                        access="api_keys", name="api_keys_guard", redacted=("secret_hash",), version="1270e86c0f10"
                    ),
                ],
            },
        ),
    ]
