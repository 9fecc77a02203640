"""The organization of the rows from before organizations, its owner and its admins, as the settings name them."""

from django.db import migrations

from tenants.clinic.seeding import seed_default_org


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0003_profile_functions"), ("tenants", "0009_clinic_tables")]

    # People and what they have done since stay when this is reversed.
    operations = [migrations.RunPython(seed_default_org, migrations.RunPython.noop)]
