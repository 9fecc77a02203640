"""The functions that read one claim run as their caller: only `auth_claims()`, which they ask, needs its owner's rights."""

from django.db import migrations

from postgres.objects import ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_seals")]

    operations = [
        ReplaceSql(
            "audit",
            [
                "auth_surface",
                "auth_all_orgs",
                "auth_is_superuser",
                "auth_org_low",
                "auth_org_high",
                "auth_user_id",
                "auth_org_id",
                "auth_user_role",
            ],
        ),
    ]
