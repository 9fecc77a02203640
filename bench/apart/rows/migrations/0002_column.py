"""The column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rows", "0001_table")]
    operations = [migrations.AddField("Row", "note", models.TextField(null=True))]
