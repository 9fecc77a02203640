"""What the guard of a softly deleted table calls."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_provisioning")]

    operations = [InstallSql("tenants", ["soft_delete"])]
