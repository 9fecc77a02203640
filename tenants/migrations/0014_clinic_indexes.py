"""The indexes that the new keys are made from, and those behind lists and references; built beside readers and writers."""

from django.db import migrations, models

from tenants.clinic.keys import build_pair_indexes, drop_pair_indexes
from tenants.patient import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0013_clinic_org_required")]

    operations = [
        migrations.RunPython(build_pair_indexes, drop_pair_indexes),
        AddIndexBeside(
            model_name="dso",
            index=models.Index(
                condition=models.Q(("deletion_id__isnull", False)),
                fields=["org", "deletion_id"],
                name="idx_dsos_deletion",
            ),
        ),
        AddIndexBeside(
            model_name="doctor",
            index=models.Index(
                condition=models.Q(("deletion_id__isnull", False)),
                fields=["org", "deletion_id"],
                name="idx_doctors_deletion",
            ),
        ),
        AddIndexBeside(model_name="doctor", index=models.Index(fields=["org", "dso"], name="doctors_dso_id_pair")),
        AddIndexBeside(
            model_name="userdsoaccess", index=models.Index(fields=["user", "org"], name="idx_user_dso_access_user")
        ),
        AddIndexBeside(
            model_name="userdsoaccess",
            index=models.Index(
                condition=models.Q(("granted_by__isnull", False)),
                fields=["granted_by"],
                name="idx_user_dso_access_granter",
            ),
        ),
        AddIndexBeside(
            model_name="userdsoaccess", index=models.Index(fields=["org", "dso"], name="user_dso_access_dso_id_pair")
        ),
    ]
