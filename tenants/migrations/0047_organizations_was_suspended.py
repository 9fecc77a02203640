"""Organizations have a place for whether they were suspended when they were deleted: catalog work, no row is written."""

from django.db import migrations, models

from tenants.patient import AddFieldOnce, Patient

WAS_SUSPENDED = models.BooleanField(
    db_comment="Whether it was suspended when deletion was asked for: restored, it is so again.",
    db_default=False,
    default=False,
    editable=False,
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0046_name_lower_indexes")]

    operations = [Patient(AddFieldOnce(model_name="organization", name="was_suspended", field=WAS_SUSPENDED))]
