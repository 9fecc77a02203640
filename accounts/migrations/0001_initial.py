"""People; their guard follows when the functions it calls stand."""

import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

import postgres.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0001_functions"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
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
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                (
                    "email_lower",
                    models.GeneratedField(
                        db_comment="The e-mail in lower case: unique, and found by index under row-level security.",
                        db_persist=True,
                        error_messages={"unique": "There is a person with this e-mail already."},
                        expression=django.db.models.functions.text.Lower("email"),
                        output_field=models.TextField(),
                        unique=True,
                    ),
                ),
                ("email_verified_at", models.DateTimeField(blank=True, null=True)),
                ("password", models.CharField(db_default="!", default="!", max_length=128)),
                (
                    "is_active",
                    models.BooleanField(db_default=True, default=True, help_text="Off: signs in nowhere, at once."),
                ),
                (
                    "is_staff",
                    models.BooleanField(db_default=False, default=False, help_text="May sign in to the console."),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="May work in all organizations, with every permission.",
                        verbose_name="superuser",
                    ),
                ),
                (
                    "app_metadata",
                    models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "db_table": "users",
                "db_table_comment": "People. Inserting one makes their organization, workspace and ownership as well.",
                "ordering": ["email_lower"],
            },
        ),
    ]
