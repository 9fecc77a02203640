"""Every new person is given an organization by the database."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_scope_functions")]

    operations = [
        InstallSql(
            "tenants",
            ["provision_org", "slug_from_email", "join_invited", "handle_new_user", "handle_new_user_trigger"],
        ),
    ]
