"""Who is acting: keys, claims, and the functions that read them."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        InstallSql(
            "audit",
            [
                "private",
                "new_id",
                "set_updated_at",
                "refuse_log_change",
                "uuid_or_null",
                "claims_keys",
                "trusted_logins",
                "seal_matches",
                "seal",
                "read_plain_claims",
                "auth_claims",
                "auth_user_id",
                "auth_org_id",
                "auth_user_role",
                "auth_surface",
                "auth_all_orgs",
                "auth_is_superuser",
                "auth_org_low",
                "auth_org_high",
                "is_owner_session",
                "current_actor",
            ],
        ),
    ]
