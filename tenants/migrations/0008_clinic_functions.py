"""What the access rules of DSOs call."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0007_customer_totals")]

    operations = [InstallSql("tenants", ["visible_dsos"])]
