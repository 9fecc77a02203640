"""The key of the new column is checked beside readers and writers."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_console_org_nullable")]

    operations = [ValidateConstraint(model_name="user", name="fk_users_console_org_id")]
