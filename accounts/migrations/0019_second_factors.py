"""Authenticator apps and recovery codes."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import accounts.constraints
import postgres.keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0018_console_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authenticator",
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
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="authenticator",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sealed_secret",
                    models.TextField(
                        db_comment="What the codes are computed from, encrypted for this person (accounts/sealing.py).",
                        editable=False,
                    ),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "last_step",
                    models.BigIntegerField(
                        db_comment="The time step of the last accepted code: none is accepted twice.",
                        db_default=-1,
                        default=-1,
                    ),
                ),
                (
                    "drift",
                    models.BigIntegerField(
                        db_comment="Steps by which the app's clock differs.", db_default=0, default=0
                    ),
                ),
            ],
            options={
                "db_table": "user_authenticators",
                "default_permissions": (),
                "db_table_comment": "Apps that make one-time codes; read and changed through their verbs alone.",
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("code_hash", models.TextField(db_comment="SHA-256; the code itself is nowhere.", editable=False)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "user_recovery_codes",
                "default_permissions": (),
                "db_table_comment": "Codes that stand in for a lost authenticator, each once.",
                "ordering": ["-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="authenticator",
            constraint=accounts.constraints.PersonGuard(
                access="sessions",
                audited=False,
                key_column="user_id",
                name="user_authenticators_guard",
                version="2895ebfaefc1",
            ),
        ),
        migrations.AddConstraint(
            model_name="recoverycode",
            constraint=accounts.constraints.PersonGuard(
                access="sessions", audited=False, name="user_recovery_codes_guard", version="2895ebfaefc1"
            ),
        ),
    ]
