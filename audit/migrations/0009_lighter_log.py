"""What runs for every changed row calls functions only where there is something for them to do."""

from django.db import migrations

from postgres.objects import ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("audit", "0008_erasure")]

    operations = [ReplaceSql("audit", ["new_id", "uuid_or_null", "write_log", "audit_trigger_function"])]
