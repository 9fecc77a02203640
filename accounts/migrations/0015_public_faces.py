"""The functions of the active organization run as their caller and ask their private selves."""

from django.db import migrations

from postgres.objects import InstallSql, ReplaceSql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_session_functions"), ("audit", "0007_public_faces")]

    operations = [
        ReplaceSql("accounts", ["may_name_person", "get_user_active_org", "set_user_active_org"]),
        InstallSql("accounts", ["public_get_user_active_org", "public_set_user_active_org"]),
    ]
