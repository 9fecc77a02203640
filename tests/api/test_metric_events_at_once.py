"""Bulk posts of one organization that come together, each on a connection of its own."""

from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from tenants.models import MetricDefinition, MetricEvent
from tests.api.clients import client_for
from tests.factories import make_org, owner_of
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/metric-events/"


def make_events(count):
    MetricDefinition.objects.create(key="visits", display_name="Visits")
    now = timezone.now().isoformat()
    return [{"metric_key": "visits", "recorded_at": now, "value": 1, "client_event_id": f"e{n}"} for n in range(count)]


def test_identical_posts_store_every_event_once():
    org, sent = make_org(), make_events(2000)
    clients = [client_for(owner_of(org), org) for _ in range(3)]
    # Backwards as well: whoever locked the last event first would wait for the one who locked the first.
    bodies = [sent, sent[::-1], sent]
    answers = run_at_once([partial(c.post, URL, b) for c, b in zip(clients, bodies, strict=True)])
    assert [a.status_code for a in answers] == [201, 201, 201]
    assert sum(a.json()["inserted"] for a in answers) == 2000
    assert MetricEvent.objects.filter(org=org).count() == 2000


def test_more_posts_than_places_are_told_to_come_again(settings):
    settings.TENANTRY_EVENT_POSTS_AT_ONCE = 1
    org, sent = make_org(), make_events(1)
    client = client_for(owner_of(org), org)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(
                "select pg_advisory_xact_lock(hashtext('tenantry metric events'), hashtext(%s))", [f"{org.pk} 1"]
            )
            answer = client.post(URL, sent)
            assert (answer.status_code, answer["Retry-After"]) == (429, "1")
            cursor.execute("rollback")
    finally:
        other.close()
    assert client.post(URL, sent).status_code == 201
