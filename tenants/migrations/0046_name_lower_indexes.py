"""The indexes that find DSOs and doctors by the beginning of a name; built beside readers and writers."""

from django.db import migrations, models

from tenants.patient import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0045_name_lower_backfill")]

    operations = [
        AddIndexBeside(model_name="dso", index=models.Index(fields=["org", "name_lower"], name="idx_dsos_org_name")),
        AddIndexBeside(
            model_name="doctor", index=models.Index(fields=["org", "name_lower"], name="idx_doctors_org_name")
        ),
    ]
