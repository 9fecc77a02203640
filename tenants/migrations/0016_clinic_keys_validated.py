"""The new references are checked for the rows that were there, beside readers and writers."""

from django.db import migrations

from tenants.clinic.keys import build_old_indexes, validate_keys


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0015_clinic_keys")]

    operations = [migrations.RunPython(validate_keys, build_old_indexes)]
