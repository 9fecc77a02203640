"""Services read access rows: the access review looks for people whom staff of one organization cannot see."""

from django.conf import settings
from django.db import migrations

import tenants.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0031_event_partitions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="userdsoaccess",
            name="user_dso_access_guard",
        ),
        migrations.AddConstraint(
            model_name="userdsoaccess",
            constraint=tenants.constraints.OrgGuard(
                access="dso_access", name="user_dso_access_guard", version="4f4ccfa95317"
            ),
        ),
    ]
