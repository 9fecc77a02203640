"""The index behind the console's key; built beside readers and writers."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0011_console_org_validated")]

    operations = [
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(
                condition=models.Q(console_org__isnull=False), fields=["console_org"], name="idx_users_console_org"
            ),
        ),
    ]
