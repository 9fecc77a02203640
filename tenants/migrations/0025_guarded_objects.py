"""What the guards of converted tables need: keys of any shape in the log, and a list of what a guard is made of."""

from django.db import migrations

from postgres.objects import InstallSql, ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_seals"), ("tenants", "0024_conversions")]

    operations = [
        ReplaceSql("audit", ["audit_trigger_function"]),
        InstallSql("tenants", ["guarded_objects"]),
    ]
