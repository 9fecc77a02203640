"""The clinic tables are guarded like every other org table."""

from django.db import migrations

import tenants.constraints
from tenants.patient import Patient


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0016_clinic_keys_validated")]

    operations = [
        Patient(
            migrations.AddConstraint(
                model_name="dso",
                constraint=tenants.constraints.OrgGuard(
                    access="dsos",
                    deleted_with=(("doctors", "dso_id"),),
                    name="dsos_guard",
                    soft_delete=True,
                    version="71302a4709d7",
                ),
            )
        ),
        Patient(
            migrations.AddConstraint(
                model_name="doctor",
                constraint=tenants.constraints.OrgGuard(
                    access="doctors", name="doctors_guard", soft_delete=True, version="fbe4f92e6fd2"
                ),
            )
        ),
        Patient(
            migrations.AddConstraint(
                model_name="userdsoaccess",
                constraint=tenants.constraints.OrgGuard(
                    access="dso_access", name="user_dso_access_guard", version="fcf9def8a39f"
                ),
            )
        ),
    ]
