"""Entering a scope, seeing people, keeping owners, and the state of batch jobs."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_organizations")]

    operations = [
        InstallSql(
            "tenants",
            [
                "admit_member",
                "admit_staff",
                "enter_scope",
                "auth_memberships",
                "visible_people",
                "keep_an_owner",
                "keep_an_owner_trigger",
                "ask_for_owner",
                "ask_for_owner_trigger",
                "batch_jobs",
            ],
        ),
    ]
