"""Sign-ins for tokens."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import accounts.constraints
import postgres.keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_console_org_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="UserSession",
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
                ("method", models.TextField(db_comment="How the person proved who they are: password, …")),
                ("ip", models.TextField(blank=True, db_default="", default="")),
                ("user_agent", models.TextField(blank=True, db_default="", default="")),
                (
                    "refresh_hash",
                    models.TextField(
                        db_comment="SHA-256 of the one refresh token that works; the token itself is nowhere.",
                        editable=False,
                    ),
                ),
                ("last_used_at", models.DateTimeField(db_comment="The sign-in or the last refresh.")),
                ("expires_at", models.DateTimeField(db_comment="Moves on with every refresh.")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.TextField(blank=True, db_default="", default="")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "db_table": "user_sessions",
                "db_table_comment": "Sign-ins for tokens; ended ones stay until `maintain` removes them.",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["expires_at"], name="idx_user_sessions_expiry")],
                "constraints": [
                    accounts.constraints.PersonGuard(
                        access="sessions", audited=False, name="user_sessions_guard", version="2895ebfaefc1"
                    )
                ],
            },
        ),
    ]
