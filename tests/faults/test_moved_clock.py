"""Clocks that are 40 days ahead, of one machine or of all: nothing is lost, doubled, held or believed too long."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from postgres.partitions import count_default, list_partitions
from tenants.backfill.fill.crew import LIVE_SECONDS, at_work, count_live
from tenants.metrics.partitions import EVENTS
from tenants.models import Conversion, ConversionWorker, MetricDefinition, MetricEvent, Organization, SyncJob
from tenants.sync.jobs import claim_job, request_due
from tests.api.clients import client_for, token_for
from tests.factories import make_org, owner_of
from tests.tenants.sync.sources import EVERYTHING, lines, make_source, place_of, sync, values

pytestmark = pytest.mark.django_db
AHEAD = timedelta(days=40)
# Past every month that was made ahead.
FAR_AHEAD = timedelta(days=400)
URL = "/api/metric-events/"


def count_in_default() -> int:
    with connection.cursor() as cursor:
        return count_default(cursor, EVENTS)


def event(number: int) -> dict[str, Any]:
    return {"metric_key": "visits", "recorded_at": timezone.now().isoformat(), "value": number}


def test_events_of_a_month_that_nobody_made_are_taken_and_drained_by_the_next_maintain(org: Organization) -> None:
    MetricDefinition.objects.create(key="visits", display_name="Visits")
    with time_machine.travel(timezone.now() + FAR_AHEAD):
        client = client_for(owner_of(org), org)
        answer = client.post(URL, [event(n) for n in range(30)])
        assert answer.status_code == 201, answer.content
        month = f"metric_events_{timezone.now():%Y_%m}"
    assert count_in_default() == 30
    # By the right clock again.
    call_command("maintain")
    assert count_in_default() == 0
    with connection.cursor() as cursor:
        assert month in list_partitions(cursor, EVENTS)
    assert MetricEvent.objects.filter(org=org).count() == 30


def test_a_token_of_today_is_over_in_forty_days_and_one_of_then_is_not_believed_today(org: Organization) -> None:
    today = client_for(owner_of(org), org)
    assert today.get("/api/profile/").status_code == 200
    with time_machine.travel(timezone.now() + AHEAD):
        assert today.get("/api/profile/").status_code == 401
        then = client_for(owner_of(org), org)
        assert then.get("/api/profile/").status_code == 200
    assert then.get("/api/profile/").status_code == 401
    assert token_for(owner_of(org), org)


def test_a_machine_that_is_ahead_takes_no_sync_job_from_one_at_work(org: Organization, tmp_path: Any) -> None:
    make_source(org, tmp_path)
    request_due(EVERYTHING, every=None)
    assert claim_job(EVERYTHING, uuid4())
    with time_machine.travel(timezone.now() + AHEAD):
        assert claim_job(EVERYTHING, uuid4()) is None


def test_a_sync_job_of_a_machine_that_was_ahead_and_died_is_taken_over_after_its_lease(
    org: Organization, tmp_path: Any, settings: Any
) -> None:
    settings.TENANTRY_SYNC_DIR, settings.TENANTRY_SYNC_LEASE_SECONDS = str(tmp_path), 0
    source = make_source(org, tmp_path)
    place_of(source, tmp_path, "a.jsonl").write_text(lines(0, 700))
    request_due(EVERYTHING, every=None)
    with time_machine.travel(timezone.now() + AHEAD):
        dead = claim_job(EVERYTHING, uuid4())
    assert dead
    assert [ended.job.pk for ended in sync()] == [dead.pk]
    assert values(org) == [*range(700)]


def test_the_job_after_one_of_a_machine_that_was_ahead_reads_on_behind_the_newest(
    org: Organization, tmp_path: Any, settings: Any
) -> None:
    settings.TENANTRY_SYNC_DIR = str(tmp_path)
    source = make_source(org, tmp_path)
    for number in range(3):
        place_of(source, tmp_path, f"{number}.jsonl").write_text(lines(number * 10, 10))
        with time_machine.travel(timezone.now() + (AHEAD if number == 0 else timedelta(0))):
            (ended,) = sync()
        assert (ended.job.events_read, ended.job.events_added) == (10, 10)
        SyncJob.objects.filter(started_at__gt=timezone.now()).update(error="it was ahead")
    assert not SyncJob.objects.filter(error="it was ahead").exists()
    assert values(org) == [*range(30)]


def test_workers_of_a_conversion_see_each_other_whatever_their_clocks_say() -> None:
    make_org()
    conversion = Conversion.objects.create(number=1, schemas=["old"], plan="")
    with at_work(conversion), time_machine.travel(timezone.now() + AHEAD):
        with at_work(conversion) as ahead:
            ahead.tell("old.rows, share 1")
            assert count_live(conversion) == 2
        silent = timezone.now() - AHEAD - timedelta(seconds=2 * LIVE_SECONDS)
        ConversionWorker.objects.filter(ended_at=None).update(seen_at=silent)
        assert count_live(conversion) == 0
