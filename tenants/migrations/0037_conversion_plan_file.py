"""A conversion remembers which file its plan was read from."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0036_conversion_requests")]

    operations = [
        migrations.AddField(
            model_name="conversion",
            name="plan_file",
            field=models.TextField(
                blank=True, db_comment="Where the plan was last read from, as it was typed.", db_default="", default=""
            ),
        ),
    ]
