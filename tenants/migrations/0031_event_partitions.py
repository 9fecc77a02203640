"""The events' first partitions; `manage.py maintain` makes the later ones."""

from django.db import migrations

from tenants.metrics.partitions import make_event_partitions


def make_partitions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        make_event_partitions(cursor)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0030_metric_events")]

    # Backwards, the partitions go with their table.
    operations = [migrations.RunPython(make_partitions, migrations.RunPython.noop)]
