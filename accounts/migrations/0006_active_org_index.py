"""The index behind the key; built beside readers and writers."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0005_active_org_validated")]

    operations = [
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(
                condition=models.Q(active_org__isnull=False), fields=["active_org"], name="idx_users_active_org"
            ),
        ),
    ]
