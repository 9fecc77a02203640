"""The new key of AI usage is checked beside readers and writers."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenants", "0028_ai_usage_outlives")]

    operations = [ValidateConstraint(model_name="aiusage", name="fk_ai_usage_log_user_id")]
