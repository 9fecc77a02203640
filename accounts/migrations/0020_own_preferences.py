"""Staff see their own preferences wherever they work."""

from django.db import migrations

import accounts.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0019_second_factors"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="userpreferences",
            name="user_preferences_guard",
        ),
        migrations.AddConstraint(
            model_name="userpreferences",
            constraint=accounts.constraints.PersonGuard(
                access="preferences", key_column="user_id", name="user_preferences_guard", version="81470e49f18a"
            ),
        ),
    ]
