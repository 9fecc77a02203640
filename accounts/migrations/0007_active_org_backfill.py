"""Everybody's earliest active membership becomes the organization they act for; who has none stays without."""

from django.db import migrations
from psycopg import sql

from tenants.backfill.batches import forget_job, run_batches
from tenants.backfill.keyset import Keyset

JOB = "accounts.0007_active_org_backfill"
CHOOSE = """
update users u set active_org_id = (
    select m.org_id from org_members m join organizations o on o.id = m.org_id
    where m.user_id = u.id and m.state = 'active' and o.status = 'active'
    order by m.joined_at, m.id limit 1
) where u.active_org_id is null and {}
"""
users = Keyset("users", "id")


def choose_org(cursor, rows):
    cursor.execute(sql.SQL(CHOOSE).format(users.condition(rows, alias="u")))
    return cursor.rowcount


def backfill(apps, schema_editor):
    for _progress in run_batches(JOB, next_range=users, apply=choose_org, batch_ms=50, lock_ms=100):
        pass


def forget(apps, schema_editor):
    """The column goes with the migration before; only the job's own state is left to remove."""
    forget_job(JOB)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0006_active_org_index")]

    operations = [migrations.RunPython(backfill, forget)]
