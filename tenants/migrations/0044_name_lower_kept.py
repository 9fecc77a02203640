"""Names written from now on bring their beginning in lower case along, whatever the writer says of it."""

from django.db import migrations

from postgres.objects import InstallSql
from tenants.clinic.naming import forget_names
from tenants.patient import Patient


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0043_name_lower_nullable")]

    operations = [
        Patient(InstallSql("tenants", ["keep_name_lower"])),
        Patient(InstallSql("tenants", ["keep_name_lower_dsos"])),
        Patient(InstallSql("tenants", ["keep_name_lower_doctors"])),
        # A backfill that was killed does not count as applied, so the way back would leave out its own reverse.
        migrations.RunPython(migrations.RunPython.noop, forget_names),
    ]
