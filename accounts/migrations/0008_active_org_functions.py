"""Reading and choosing the organization a person acts for."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_active_org_backfill")]

    operations = [
        InstallSql("accounts", ["active_org_of", "may_name_person", "get_user_active_org", "set_user_active_org"]),
    ]
