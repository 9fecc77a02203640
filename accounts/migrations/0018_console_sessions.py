"""Sessions of the console have rows as well; they have no refresh token."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_access_review"),
    ]

    operations = [
        migrations.AlterModelTableComment(
            name="usersession",
            table_comment="Sign-ins on devices; ended ones stay until `maintain` removes them.",
        ),
        migrations.AlterField(
            model_name="usersession",
            name="method",
            field=models.TextField(
                db_comment="How the person proved who they are: password, …; console: for a session there, without tokens."
            ),
        ),
        migrations.AlterField(
            model_name="usersession",
            name="refresh_hash",
            field=models.TextField(
                db_comment="SHA-256 of the one refresh token that works; the token itself is nowhere. Empty: there is none.",
                db_default="",
                default="",
                editable=False,
            ),
        ),
    ]
