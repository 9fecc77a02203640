"""Looks at the whole database as `manage.py doctor` does, and keeps what it finds for the console."""

from django.db import OperationalError
from psycopg import errors

from config.maintenance.task import JOB, as_owner
from tenants.doctor.keeping import count_levels, keep_run
from tenants.doctor.runner import examine


def look_at_database() -> str:
    return "would compare the whole database with what should stand in it"


def examine_database() -> str:
    """Errors are for somebody to read, no failure of the task; the console's front page says so until they are gone."""
    try:
        findings = examine()
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable):
            return "another doctor is at work: its result counts"
        raise
    run = as_owner(lambda: keep_run(findings, made_by=JOB))
    said = count_levels(run)
    return f"found {said}; read them: manage.py doctor" if said else "everything stands as it should"
