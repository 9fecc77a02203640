"""How rows enter the log: by trigger, and by log_event."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_log")]

    operations = [
        InstallSql(
            "audit",
            [
                "redact",
                "write_log",
                "audit_trigger_function",
                "log_truncate",
                "pass_event",
                "event_door",
                "log_event",
            ],
        ),
    ]
