"""Clinic rows may have an organization; those written from now on have one."""

from functools import partial

import django.db.models.deletion
from django.db import migrations, models

from tenants.clinic.catalog import TABLES
from tenants.clinic.filling import add_fill_trigger, drop_fill_function, drop_fill_trigger
from tenants.patient import Patient, RunInDatabase


def add_org(apps, schema_editor, table):
    add_fill_trigger(table, schema_editor, before=f"alter table {table} add column if not exists org_id uuid;\n")


def drop_org(apps, schema_editor, table):
    drop_fill_trigger(table, schema_editor)
    schema_editor.execute(f"alter table {table} drop column if exists org_id", params=None)


def drop_function(apps, schema_editor):
    drop_fill_function(schema_editor)


def org_field():
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        editable=False,
        null=True,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="tenants.organization",
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0010_default_org")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(model_name=model, name="org", field=org_field())
                for model in ("dso", "doctor", "userdsoaccess")
            ],
            database_operations=[
                RunInDatabase(migrations.RunPython.noop, drop_function),
                *(
                    Patient(RunInDatabase(partial(add_org, table=table), partial(drop_org, table=table)))
                    for table in TABLES
                ),
            ],
        )
    ]
