"""The organization a person acts for, chosen by nobody yet."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_profile_functions")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="active_org",
            field=models.ForeignKey(
                blank=True,
                db_comment="The organization the person's next token is for; read it through get_user_active_org().",
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tenants.organization",
            ),
        ),
    ]
