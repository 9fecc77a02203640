"""Staff of a large organization list its people through a hash, not by comparing an array with every row."""

from django.db import migrations

import accounts.constraints
from accounts.framework_tables import FRAMEWORK_RULES
from postgres.names import fill, quote
from postgres.rules import protect_statements, unprotect_statements


def close_anew(apps, schema_editor):
    """Whose groups and permissions they are is seen as the person is, so these two tables follow."""
    for table in ("users_groups", "users_user_permissions"):
        rules = FRAMEWORK_RULES[table]
        for statement in (*unprotect_statements(quote(table)), *protect_statements(quote(table), rules)):
            schema_editor.execute(fill(statement), params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_public_faces"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="user",
            name="users_guard",
        ),
        migrations.RemoveConstraint(
            model_name="userpreferences",
            name="user_preferences_guard",
        ),
        migrations.RemoveConstraint(
            model_name="userprofile",
            name="user_profiles_guard",
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=accounts.constraints.PersonGuard(
                access="users", name="users_guard", redacted=("password",), version="2f4a99b672c5"
            ),
        ),
        migrations.AddConstraint(
            model_name="userpreferences",
            constraint=accounts.constraints.PersonGuard(
                access="preferences", key_column="user_id", name="user_preferences_guard", version="dddfd6a5ff0f"
            ),
        ),
        migrations.AddConstraint(
            model_name="userprofile",
            constraint=accounts.constraints.PersonGuard(
                access="profiles", key_column="user_id", name="user_profiles_guard", version="65645ec4cab8"
            ),
        ),
        migrations.RunPython(close_anew, migrations.RunPython.noop),
    ]
