"""Every clinic row has an organization, and one that exists."""

import django.db.models.deletion
from django.db import migrations, models

from tenants.clinic.requiring import allow_no_org, require_org
from tenants.patient import RunInDatabase


def org_field():
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        editable=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="tenants.organization",
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0012_clinic_org_backfill")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(model_name=model, name="org", field=org_field())
                for model in ("dso", "doctor", "userdsoaccess")
            ],
            database_operations=[RunInDatabase(require_org, allow_no_org)],
        )
    ]
