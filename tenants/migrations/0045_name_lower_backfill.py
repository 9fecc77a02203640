"""Names from before the trigger get their beginning in lower case, in batches that the log has one line of each."""

from django.db import migrations

from tenants.clinic.naming import fill_names, forget_names


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0044_name_lower_kept")]

    operations = [migrations.RunPython(fill_names, forget_names)]
