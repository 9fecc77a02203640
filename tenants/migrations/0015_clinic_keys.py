"""The key becomes (org_id, id), and a reference to a DSO cannot leave the organization."""

import django.db.models.deletion
from django.db import migrations

import postgres.keys
import tenants.constraints
import tenants.fields
from tenants.clinic.keys import swap_keys, swap_keys_back
from tenants.patient import RunInDatabase


def new_key():
    return postgres.keys.CompositeKey(
        columns=("org", "id"),
        db_default=postgres.keys.NewId(),
        default=postgres.keys.new_id,
        editable=False,
        primary_key=True,
        serialize=False,
    )


def to_dso(related_name):
    return tenants.fields.OrgForeignKey(
        in_database="CASCADE",
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name=related_name,
        to="tenants.dso",
    )


def pair_key(name):
    return tenants.constraints.CompositeForeignKey(
        columns=("org_id", "dso_id"), name=name, on_delete="CASCADE", to="tenants.dso", to_columns=("org_id", "id")
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0014_clinic_indexes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(model_name="dso", name="id", field=new_key()),
                migrations.AlterField(model_name="doctor", name="id", field=new_key()),
                migrations.AlterField(model_name="userdsoaccess", name="id", field=new_key()),
                migrations.AlterField(model_name="doctor", name="dso", field=to_dso("doctors")),
                migrations.AlterField(model_name="userdsoaccess", name="dso", field=to_dso("access_rows")),
                migrations.AddConstraint(model_name="doctor", constraint=pair_key("fk_doctors_dso_id")),
                migrations.AddConstraint(model_name="userdsoaccess", constraint=pair_key("fk_user_dso_access_dso_id")),
            ],
            database_operations=[RunInDatabase(swap_keys, swap_keys_back)],
        )
    ]
