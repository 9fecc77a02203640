"""Claims of tokens, sessions that a request's scope asks about, and counted attempts."""

from django.db import migrations

from postgres.objects import InstallSql, ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_sessions"), ("tenants", "0021_api_key_functions")]

    operations = [
        InstallSql(
            "accounts",
            [
                "session_holds",
                "custom_access_token_hook",
                "public_custom_access_token_hook",
                "attempts",
                "count_attempt",
                "forget_attempts",
            ],
        ),
        ReplaceSql("tenants", ["enter_scope"]),
    ]
