"""Profiles are made and kept in step by the database."""

from django.db import migrations

from postgres.objects import InstallSql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_profiles")]

    operations = [InstallSql("accounts", ["sync_user_profile", "sync_user_profile_trigger"])]
