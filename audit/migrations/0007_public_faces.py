"""What lends its owner's rights moves to `private`; clients call a face in the exposed schema that runs as its caller."""

from django.db import migrations

from postgres.objects import InstallSql, ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_claim_readers")]

    operations = [
        ReplaceSql(
            "audit",
            [
                "auth_claims",
                "auth_user_id",
                "auth_org_id",
                "auth_user_role",
                "auth_surface",
                "auth_all_orgs",
                "auth_is_superuser",
                "auth_org_low",
                "auth_org_high",
                "current_actor",
                "write_log",
                "log_event",
                "open_seal_cursor",
            ],
        ),
        InstallSql("audit", ["public_auth_claims", "public_log_event"]),
    ]
