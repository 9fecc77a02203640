"""What guards of org tables call."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    initial = True

    dependencies = [("audit", "0004_log_partitions")]

    operations = [InstallSql("tenants", ["keep_org_id"])]
