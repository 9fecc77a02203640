"""`auth_memberships()` runs as its caller and asks its private self; what reads claims asks the private function."""

from django.db import migrations

from postgres.objects import InstallSql, ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0026_provision_proof"), ("audit", "0007_public_faces")]

    operations = [
        ReplaceSql("tenants", ["auth_memberships", "enter_scope", "visible_people", "visible_dsos"]),
        InstallSql("tenants", ["public_auth_memberships"]),
    ]
