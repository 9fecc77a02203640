"""A connection without a credential has no ending of one: an empty text is one that can be made up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0039_sync_jobs")]

    operations = [
        migrations.AlterField(
            model_name="integrationconnection",
            name="credential_last_four",
            field=models.TextField(
                blank=True, db_comment="So that people tell credentials apart.", editable=False, null=True
            ),
        ),
    ]
