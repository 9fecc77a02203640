"""The names of DSOs and doctors have a place for what searches read: catalog work, no row is written."""

from django.db import migrations

import tenants.fields
from tenants.patient import AddFieldOnce, Patient


def add_beginning(model):
    return Patient(AddFieldOnce(model_name=model, name="name_lower", field=tenants.fields.StoredBeginning("name")))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0042_doctor_runs")]

    operations = [add_beginning("dso"), add_beginning("doctor")]
