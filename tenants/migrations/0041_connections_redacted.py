"""What a connection says about its credential enters neither the log nor an archive."""

from django.db import migrations

import tenants.constraints


class Migration(migrations.Migration):
    dependencies = [("tenants", "0040_shardable_functions")]

    operations = [
        migrations.RemoveConstraint(
            model_name="integrationconnection",
            name="integration_connections_guard",
        ),
        migrations.AddConstraint(
            model_name="integrationconnection",
            constraint=tenants.constraints.OrgGuard(
                access="integrations",
                name="integration_connections_guard",
                redacted=("credential_last_four", "credential_set_at", "vault_secret_id"),
                version="2f417d3c0791",
            ),
        ),
    ]
