"""What `manage.py maintain` does for the sealed log and for softly deleted rows."""

import io
import json
import time
import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from audit.heads import HeadsRefused, load_heads
from audit.partitions import LOG
from audit.sealing import Sealed
from config.maintenance import TASKS, log
from postgres.partitions import list_partitions, make_months
from tenants.models import Customer
from tests.audit.sealed_log import PATIENCE_SECONDS, write_events
from tests.factories import make_org


def run_maintain(**options: Any) -> str:
    said = io.StringIO()
    call_command("maintain", stdout=said, **options)
    return said.getvalue()


def partitions() -> dict[str, str]:
    with connection.cursor() as cursor:
        return list_partitions(cursor, LOG)


def count_seals(org: uuid.UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from private.audit_seals where org_id = %s", [org])
        return int(cursor.fetchone()[0])


def seal_by_maintain(org: uuid.UUID, rows: int) -> None:
    """Until all rows are sealed: transactions of other tests on this server hold sealing back."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while count_seals(org) < rows:
        assert time.monotonic() < deadline, "a transaction on this server holds sealing back"
        log.seal()


@pytest.mark.django_db(transaction=True)
def test_the_log_is_sealed_and_its_heads_are_copied(settings, tmp_path):
    settings.TENANTRY_SEAL_DIR = str(tmp_path / "heads")
    org = uuid.uuid4()
    write_events(org, 3)
    assert "would" in log.look_at_seals() or "wait" in log.look_at_seals()
    said = run_maintain()
    assert f"wrote {tmp_path}" in said
    seal_by_maintain(org, 3)
    log.export_heads()
    assert [head["position"] for head in load_heads(tmp_path / "heads") if head["org_id"] == str(org)] == [3]


@pytest.mark.django_db
def test_sealing_that_ran_out_of_time_says_that_more_is_to_come(monkeypatch):
    asked = []

    def seal_some(*, seconds: float) -> Sealed:
        asked.append(seconds)
        return Sealed(rows=5000, batches=1, finished=False)

    monkeypatch.setattr(log, "seal_log", seal_some)
    assert log.seal() == "sealed 5000 rows; out of time, the next run goes on"
    assert asked == [log.SEAL_SECONDS]


@pytest.mark.django_db
def test_without_a_place_for_heads_nothing_is_copied(settings):
    settings.TENANTRY_SEAL_DIR = ""
    assert log.look_at_heads() == log.export_heads() == "nothing to do"


@pytest.fixture
def old_month(db: Any, settings: Any) -> str:
    settings.TENANTRY_LOG_RETENTION_MONTHS = 2
    with connection.cursor() as cursor:
        make_months(cursor, LOG, date(2020, 1, 1), 1)
    return "audit_logs_2020_01"


def test_a_month_older_than_those_kept_is_retired(old_month):
    assert f"would retire {old_month}" in run_maintain(dry_run=True)
    assert old_month in partitions()
    assert f"retired {old_month}" in run_maintain()
    assert old_month not in partitions()


def test_every_month_stays_unless_a_retention_is_set(old_month, settings):
    settings.TENANTRY_LOG_RETENTION_MONTHS = 0
    run_maintain()
    assert old_month in partitions()


def test_no_month_goes_while_the_copied_heads_tell_of_tampering(old_month, settings, tmp_path: Path):
    settings.TENANTRY_SEAL_DIR = str(tmp_path)
    head = {"org_id": str(uuid.uuid4()), "position": 7, "hash": "00" * 32, "sealed_at": "2020-01-15"}
    (tmp_path / "heads-2020-01-15.json").write_text(json.dumps({"heads": [head]}), encoding="utf-8")
    with pytest.raises(HeadsRefused, match="cut off"):
        log.retire_due_months()
    said = io.StringIO()
    with pytest.raises(CommandError, match="export-heads, retire-months did not finish"):
        call_command("maintain", stdout=said)
    assert "HeadsRefused" in said.getvalue()
    assert old_month in partitions()
    assert [path.name for path in tmp_path.iterdir()] == ["heads-2020-01-15.json"]


@pytest.mark.django_db
def test_softly_deleted_rows_are_purged_after_their_time_and_not_before(settings):
    org = make_org()
    limit = timedelta(days=settings.TENANTRY_RETENTION_DAYS)
    for name, age in (("kept", limit - timedelta(hours=1)), ("gone", limit + timedelta(hours=1)), ("alive", None)):
        customer = Customer.objects.create(org=org, name=name)
        if age:
            gone = {"deleted_at": timezone.now() - age, "deletion_id": uuid.uuid4()}
            Customer.objects.filter(pk=customer.pk).update(**gone)
    assert "would purge 1 of customers" in run_maintain(dry_run=True)
    assert Customer.objects.filter(org=org).count() == 3
    assert "purged 1 of customers" in run_maintain()
    assert set(Customer.objects.filter(org=org).values_list("name", flat=True)) == {"kept", "alive"}


def test_the_log_s_tasks_come_in_the_order_in_which_they_build_on_each_other():
    first = ["log-partitions", "seal-log", "export-heads", "retire-months", "purge-deleted"]
    assert [task.name for task in TASKS][:5] == first
