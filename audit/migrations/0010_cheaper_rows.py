"""A row of the log verifies its claims, compares its images and is written with less to start for each."""

from django.db import migrations

from postgres.objects import ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("audit", "0009_lighter_log")]

    operations = [ReplaceSql("audit", ["auth_claims", "write_log", "audit_trigger_function"])]
