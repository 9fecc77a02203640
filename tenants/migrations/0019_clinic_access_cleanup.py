"""Access rows that people hold where they are no member are removed, for the people that a setting names."""

from django.db import migrations

from tenants.clinic.revoking import revoke_access


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0018_clinic_fill_ended")]

    # The log has every removed row; nobody wants them back by accident.
    operations = [migrations.RunPython(revoke_access, migrations.RunPython.noop)]
