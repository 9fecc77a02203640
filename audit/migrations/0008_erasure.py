"""A log can go with its organization: tombstones, a policy for the function that erases, and sealing of one log."""

from django.db import migrations

from postgres.objects import InstallSql

# A first migration of today makes the policy with the log.
ERASING = """
drop policy if exists tenantry_owner_delete on audit_logs;
create policy tenantry_owner_delete on audit_logs for delete to tenantry_owner using (pg_trigger_depth() > 0)
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0007_public_faces")]

    operations = [
        InstallSql("audit", ["audit_erased", "seal_org"]),
        migrations.RunSQL(ERASING, "drop policy if exists tenantry_owner_delete on audit_logs"),
    ]
