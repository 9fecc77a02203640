"""Sessions of the console have rows as well."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_access_review"),
    ]

    operations = [
        migrations.AlterModelTableComment(
            name="usersession",
            table_comment="Sign-ins on devices; ended ones stay until `maintain` removes them.",
        ),
    ]
