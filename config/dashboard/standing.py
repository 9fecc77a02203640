"""Notices about the database itself: what the doctor found, what the catalog says at once, months that lack."""

from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from config.dashboard.notices import Notice, tell_count
from postgres.partitions import months_from
from tenants.admin.base import scope_of
from tenants.doctor.keeping import count_faults
from tenants.metrics.coverage import partition_coverage
from tenants.models import DoctorRun

# It comes every night: older than this, and whatever starts it has stopped.
DOCTOR_WITHIN = timedelta(days=3)
# Fewer months ahead than this, and whatever makes them has stopped working.
MONTHS_AHEAD = 1
READ_UNGUARDED = """
select count(*) from pg_catalog.pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relname = any (%s)
    and not (c.relrowsecurity and c.relforcerowsecurity)
"""


def look_at_doctor(request: HttpRequest) -> Notice | None:
    """What the doctor found when it last looked, and that it did not look."""
    if not scope_of(request).all_orgs:
        return None
    run = DoctorRun.objects.defer("findings").first()
    if run is None:
        return Notice("info", "The doctor never looked at this database", command="manage.py doctor")
    fresh = timezone.now() - run.created_at < timedelta(minutes=1)
    when = "just now" if fresh else f"{timesince(run.created_at, depth=1)} ago"
    if faults := count_faults(run):
        tone = "danger" if run.errors else "warning"
        where = reverse("admin:tenants_doctorrun_change", args=[run.pk])
        return Notice(tone, f"The doctor found {faults}, {when}", where, "Read")
    if timezone.now() - run.created_at > DOCTOR_WITHIN:
        return Notice("warning", f"The doctor looked for the last time {when}", command="manage.py maintain")
    return None


def look_at_protection(request: HttpRequest) -> Notice | None:
    """A cheap part of what the doctor asks, from the catalog: does every table enforce row-level security?"""
    tables = [m._meta.db_table for m in apps.get_models() if m._meta.app_label in settings.TENANTRY_APPS]
    with connection.cursor() as cursor:
        cursor.execute(READ_UNGUARDED, [tables])
        count = cursor.fetchone()[0]
    if not count:
        return None
    sentence = f"{tell_count(count, 'table')} without row-level security: organizations are not kept apart there"
    return Notice("danger", sentence, command="manage.py doctor")


def look_at_partitions(request: HttpRequest) -> Notice | None:
    """Months that should be there by now."""
    for table in partition_coverage():
        if table.ahead < MONTHS_AHEAD:
            *_, missing = months_from(timezone.now().date(), table.ahead + 2)
            sentence = f"{table.table} has no partition for {missing:%B %Y}: its rows go to the default one"
            return Notice("warning", sentence, command="manage.py maintain")
    return None
