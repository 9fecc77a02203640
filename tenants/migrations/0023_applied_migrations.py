"""A web process can ask which migrations there were, without reading their table."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0022_idempotent_requests")]

    operations = [InstallSql("tenants", ["applied_migrations"])]
