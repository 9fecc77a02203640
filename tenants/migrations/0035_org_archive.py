"""One organization can leave and come back: its log is erased with it, and put back as it was."""

from django.db import migrations

from postgres.objects import InstallSql, ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0034_vault"), ("audit", "0008_erasure")]

    operations = [
        InstallSql("tenants", ["erase_log", "erase_log_trigger", "restore_log_row", "restored_log"]),
        ReplaceSql("tenants", ["handle_new_user", "keep_customer_totals"]),
    ]
