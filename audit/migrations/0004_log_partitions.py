"""The log's first partitions; `manage.py maintain` makes the later ones."""

from django.db import migrations

from audit.partitions import make_log_partitions


def make_partitions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        make_log_partitions(cursor)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_log_functions")]

    # Backwards, the partitions go with their table.
    operations = [migrations.RunPython(make_partitions, migrations.RunPython.noop)]
