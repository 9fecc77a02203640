"""A function with arguments that reaches org tables is in PL/pgSQL: sharded, an SQL one cannot be planned."""

from django.db import migrations

from postgres.objects import ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_own_preferences")]

    operations = [ReplaceSql("accounts", ["active_org_of"])]
