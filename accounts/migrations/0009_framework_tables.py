"""Django's own tables get policies and grants as well."""

from django.db import migrations

from accounts.framework_tables import close_statements, open_statements
from postgres.names import fill


def run(statements):
    def execute(apps, schema_editor):
        for statement in statements():
            schema_editor.execute(fill(statement), params=None)

    return execute


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_active_org_functions"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(run(close_statements), run(open_statements))]
