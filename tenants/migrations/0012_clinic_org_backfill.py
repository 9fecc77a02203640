"""DSOs from before organizations come to the default one, found by its slug; doctors and access rows follow their DSO."""

from django.db import migrations

from tenants.clinic.filling import fill_tables, forget_jobs


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0011_clinic_org_nullable")]

    operations = [migrations.RunPython(fill_tables, forget_jobs)]
