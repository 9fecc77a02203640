"""Credentials of connections: sealed by the application, and handed out by functions of the service role alone."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0033_integration_connections"), ("audit", "0007_public_faces")]

    operations = [
        InstallSql(
            "tenants",
            [
                "vault_keys",
                "vault_secrets",
                "open_vault",
                "add_vault_key",
                "store_integration_credential",
                "get_integration_credential",
                "revoke_integration_credential",
            ],
        ),
    ]
