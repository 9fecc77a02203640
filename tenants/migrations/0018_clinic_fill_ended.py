"""Whoever writes clinic rows names their organization from now on."""

from functools import partial

from django.db import migrations

from tenants.clinic.catalog import TABLES
from tenants.clinic.filling import add_fill_trigger, drop_fill_function, drop_fill_trigger
from tenants.patient import Patient


def end_fill(apps, schema_editor, table):
    drop_fill_trigger(table, schema_editor)


def begin_fill(apps, schema_editor, table):
    add_fill_trigger(table, schema_editor)


def drop_function(apps, schema_editor):
    drop_fill_function(schema_editor)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0017_clinic_guard")]

    operations = [
        *(
            Patient(migrations.RunPython(partial(end_fill, table=table), partial(begin_fill, table=table)))
            for table in TABLES
        ),
        migrations.RunPython(drop_function, migrations.RunPython.noop),
    ]
