"""Lets a function of ours make a person a member of a given organization in anybody's session."""

from django.db import migrations

from postgres.objects import InstallSql, ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0025_guarded_objects")]

    operations = [
        InstallSql("tenants", ["provision_proof"]),
        ReplaceSql("tenants", ["handle_new_user"]),
    ]
