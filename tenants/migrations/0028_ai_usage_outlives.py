"""What AI queries cost outlives the person who asked: their key is emptied, and the row stays."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenants.patient import Patient

DROP_KEY = "alter table ai_usage_log drop constraint if exists fk_ai_usage_log_user_id"
# NOT VALID: every row was checked under the old key; 0029 says so to the catalog beside readers and writers.
ADD_KEY = """alter table ai_usage_log add constraint fk_ai_usage_log_user_id
    foreign key (user_id) references users (id) on delete {action} not valid"""
# That it may be empty is what this is for.
NULLABLE = """-- squawk-ignore ban-drop-not-null
alter table ai_usage_log alter column user_id {change} not null"""


def replace_key(action: str, change: str) -> list[str]:
    return [DROP_KEY, NULLABLE.format(change=change), ADD_KEY.format(action=action)]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tenants", "0027_public_faces"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        Patient(
            migrations.RunSQL(
                replace_key("set null", "drop"),
                # Refused while there are rows of people who were deleted: nobody can say whose they were.
                replace_key("cascade", "set"),
                state_operations=[
                    migrations.AlterField(
                        model_name="aiusage",
                        name="user",
                        field=models.ForeignKey(
                            blank=True,
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    )
                ],
            ),
            tables=2,
        ),
    ]
