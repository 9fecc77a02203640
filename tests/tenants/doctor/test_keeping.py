"""What the doctor found is kept: the newest runs, the gravest findings, and only looks at the whole."""

import io

import pytest
from django.core.management import call_command
from django.db import connection

from tenants.doctor.findings import Finding, Level
from tenants.doctor.keeping import KEPT_FINDINGS, KEPT_RUNS, count_levels, keep_run
from tenants.models import DoctorRun

pytestmark = pytest.mark.django_db


def find(number: int, level: Level = Level.ERROR) -> list[Finding]:
    return [Finding("views", level, f"view v{n}", "It leaks.") for n in range(number)]


def test_levels_are_counted_of_all_and_the_gravest_are_kept() -> None:
    run = keep_run([*find(KEPT_FINDINGS), *find(7, Level.WARNING), *find(1, Level.INFO)], made_by="doctor")
    assert count_levels(run) == f"{KEPT_FINDINGS} errors, 7 warnings, 1 note"
    assert {finding["level"] for finding in run.findings} == {"error"}


def test_the_oldest_runs_go() -> None:
    first, *others = (keep_run([], made_by="doctor") for _ in range(KEPT_RUNS + 1))
    assert set(DoctorRun.objects.all()) == set(others)
    assert first not in others


def test_a_look_at_a_part_is_not_kept() -> None:
    call_command("doctor", "--check", "views", stdout=io.StringIO())
    assert not DoctorRun.objects.exists()


def test_a_doctor_who_cannot_write_tells_what_was_found_all_the_same() -> None:
    with connection.cursor() as cursor:
        cursor.execute("drop table doctor_runs")
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out, stderr=err)
    assert "doctor_runs" in out.getvalue()
    assert "could not be kept" in err.getvalue()
