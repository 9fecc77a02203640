"""Requests with an Idempotency-Key are remembered for a day."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0021_api_key_functions")]

    operations = [
        InstallSql("tenants", ["idempotent_requests", "request_bucket", "claim_request", "keep_answer"]),
    ]
