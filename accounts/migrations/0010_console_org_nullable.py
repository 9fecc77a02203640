"""The organization a staff person has switched to in the console."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_framework_tables")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="console_org",
            field=models.ForeignKey(
                blank=True,
                db_comment="The organization a staff person has switched to in the console; tokens do not follow it.",
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tenants.organization",
            ),
        ),
    ]
