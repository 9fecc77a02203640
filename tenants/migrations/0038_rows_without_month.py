"""Who watches can ask how many rows wait for a month of their own, without reading them."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0037_conversion_plan_file")]

    operations = [InstallSql("tenants", ["rows_without_month"])]
