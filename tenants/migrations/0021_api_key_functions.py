"""API keys are let in, by the same door as people."""

from django.db import migrations

from postgres.objects import InstallSql, ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0020_api_keys")]

    operations = [
        InstallSql("tenants", ["admit_key"]),
        ReplaceSql("tenants", ["admit_member"]),
        # `last_used_at` is no change to log.
        ReplaceSql("audit", ["audit_trigger_function"]),
    ]
