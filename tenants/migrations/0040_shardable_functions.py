"""A function with arguments that reaches org tables is in PL/pgSQL: sharded, an SQL one cannot be planned."""

from django.db import migrations

from postgres.objects import ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0039_sync_jobs")]

    operations = [ReplaceSql("tenants", ["add_purchase"])]
