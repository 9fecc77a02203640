"""Profiles and preferences, and the guards of everything that is a person's."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import accounts.constraints


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("tenants", "0004_provisioning")]

    operations = [
        migrations.CreateModel(
            name="UserPreferences",
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
                        related_name="preferences",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "theme_preference",
                    models.TextField(
                        choices=[("light", "Light"), ("dark", "Dark"), ("system", "System")],
                        db_default="system",
                        default="system",
                    ),
                ),
            ],
            options={
                "verbose_name": "preferences",
                "verbose_name_plural": "preferences",
                "db_table": "user_preferences",
                "db_table_comment": "People's own settings.",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("theme_preference__in", ["light", "dark", "system"])),
                        name="user_preferences_theme",
                    ),
                    accounts.constraints.PersonGuard(
                        access="preferences",
                        key_column="user_id",
                        name="user_preferences_guard",
                        version="2b219f16cfa2",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UserProfile",
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
                        related_name="profile",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        db_comment="A copy of users.email, kept by trigger.", editable=False, max_length=254
                    ),
                ),
                ("full_name", models.TextField(blank=True, db_default="", default="")),
                ("avatar_url", models.TextField(blank=True, db_default="", default="")),
            ],
            options={
                "verbose_name": "profile",
                "db_table": "user_profiles",
                "db_table_comment": "People as the members of their organizations see them.",
                "ordering": ["email"],
                "constraints": [
                    accounts.constraints.PersonGuard(
                        access="profiles", key_column="user_id", name="user_profiles_guard", version="0a02ed889b37"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("email__regex", "^[^@\\s]+@[^@\\s]+$")),
                name="users_email",
                violation_error_message="Enter an e-mail address.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=accounts.constraints.PersonGuard(
                access="users", name="users_guard", redacted=("password",), version="3f9139ea46c3"
            ),
        ),
    ]
