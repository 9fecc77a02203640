"""Measurements in bulk: all or nothing, each once, and nothing that a hostile sender can break."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from postgres.partitions import months_before
from tenants.api.event_rows import MOST_EVENTS
from tenants.metrics.partitions import first_moment_kept
from tenants.models import MetricDefinition, MetricEvent
from tests.api.clients import client_for, key_client
from tests.factories import make_member, make_store

pytestmark = pytest.mark.django_db
URL = "/api/metric-events/"


@pytest.fixture(autouse=True)
def visits(db):
    return MetricDefinition.objects.create(key="visits", display_name="Visits")


@pytest.fixture
def client(org, owner):
    return client_for(owner, org)


def event(**said):
    return {"metric_key": "visits", "recorded_at": timezone.now().isoformat(), "value": 1, **said}


def events_of(org):
    return MetricEvent.objects.filter(org=org)


def test_what_is_sent_is_there(client, org):
    store = make_store(org)
    sent = event(value="12.345678", store_id=str(store.pk), dimensions={"till": 3}, client_event_id="a-1")
    answer = client.post(URL, [sent, event(value=2.5), event(value=-3)])
    assert (answer.status_code, answer.json()) == (201, {"inserted": 3, "duplicates": 0})
    found = events_of(org).get(client_event_id="a-1")
    assert (found.value, found.store_id, found.dimensions) == (Decimal("12.345678"), store.pk, {"till": 3})
    assert sorted(events_of(org).values_list("value", flat=True)) == [-3, Decimal("2.5"), Decimal("12.345678")]


def test_one_event_needs_no_list(client, org):
    assert client.post(URL, event()).json() == {"inserted": 1, "duplicates": 0}


def test_what_is_sent_again_counts_once(client, org):
    sent = [event(client_event_id=f"e{n}") for n in range(5)]
    assert client.post(URL, sent[:3]).json() == {"inserted": 3, "duplicates": 0}
    assert client.post(URL, sent).json() == {"inserted": 2, "duplicates": 3}
    assert client.post(URL, [*sent, sent[0]]).json() == {"inserted": 0, "duplicates": 6}
    assert events_of(org).count() == 5


def test_the_same_id_of_another_organization_is_another_event(client, org, other_org, stranger):
    sent = event(client_event_id="same")
    client.post(URL, sent)
    assert client_for(stranger, other_org).post(URL, sent).json() == {"inserted": 1, "duplicates": 0}
    assert (events_of(org).count(), events_of(other_org).count()) == (1, 1)


def test_one_wrong_event_keeps_all_out_and_is_named(client, org):
    rows = [event(), event(metric_key="nonsense"), event(value="NaN"), event(recorded_at="2026-03-01"), 7, event()]
    answer = client.post(URL, rows)
    assert answer.status_code == 400
    errors = answer.json()["errors"]
    assert set(errors) == {"1", "2", "3", "4"}
    assert errors["1"] == {"metric_key": ["There is no such metric."]}
    assert set(errors["2"]) == {"value"}
    assert set(errors["3"]) == {"recorded_at"}
    assert events_of(org).count() == 0


def test_all_that_is_wrong_with_an_event_is_told_at_once(client):
    answer = client.post(URL, event(metric_key="nonsense", store_id=str(uuid4()), value="much"))
    assert set(answer.json()["errors"]["0"]) == {"metric_key", "store_id", "value"}


def test_a_store_of_another_organization_is_answered_like_one_that_there_is_none_of(client, other_org):
    told = [
        client.post(URL, event(store_id=str(store))).json()["errors"] for store in (make_store(other_org).pk, uuid4())
    ]
    assert told[0] == told[1] == {"0": {"store_id": ["There is no such store in this organization."]}}


WRONG = [
    ("value", 2**63),
    ("value", -(10**400)),
    ("value", 1e300),
    ("value", "Infinity"),
    ("value", "1" * 100),
    ("value", "1e999999999"),
    ("value", True),
    ("value", None),
    ("value", []),
    ("metric_key", 7),
    ("metric_key", "visits' or 'a'='a"),
    ("recorded_at", "yesterday"),
    ("recorded_at", 0),
    ("recorded_at", "2026-02-30T00:00:00Z"),
    ("recorded_at", "0001-01-01T00:00:00+14:00"),
    ("store_id", 7),
    ("store_id", "nonsense"),
    ("dimensions", [1]),
    ("dimensions", {"a": "x" * 5000}),
    ("client_event_id", ""),
    ("client_event_id", "x" * 301),
    ("client_event_id", 5),
]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=[f"{f}-{n}" for n, (f, _) in enumerate(WRONG)])
def test_a_value_that_is_none_is_refused_by_its_name(client, org, field, value):
    answer = client.post(URL, [event(), event(**{field: value})])
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["errors"]["1"]) == [field]
    assert events_of(org).count() == 0


def test_numbers_are_rounded_to_what_the_column_holds(client, org):
    client.post(URL, [event(value=0.1 + 0.2), event(value="1e-999999999"), event(value="999999999999999999.999999")])
    found = sorted(events_of(org).values_list("value", flat=True))
    assert found == [Decimal("0"), Decimal("0.3"), Decimal("999999999999999999.999999")]


@pytest.mark.parametrize(
    "body",
    [
        b'[{"metric_key": "visits\\u0000"}]',
        b'[{"metric_key": "visits", "dimensions": ' + b'{"a":' * 100 + b"1" + b"}" * 100 + b"}]",
        b'[{"metric_key": "visits", "value": NaN}]',
        b"[" * 100_000,
        b'[{"metric_key": "visits", "client_event_id": "\\ud800"}]',
    ],
)
def test_a_body_that_is_no_json_for_a_database_is_refused(client, body):
    assert client.post(URL, body).status_code == 400


def test_nothing_is_no_list_of_events(client):
    assert client.post(URL, []).status_code == 400


def test_more_than_ten_thousand_are_too_many_and_so_is_a_body_of_nine_megabytes(client, org):
    assert client.post(URL, [event()] * (MOST_EVENTS + 1)).status_code == 413
    assert client.post(URL, [event(dimensions={"a": "x" * 3000})] * 3000).status_code == 413
    assert events_of(org).count() == 0


def test_ten_thousand_are_taken_at_once_in_a_handful_of_queries(client, org, django_assert_max_num_queries):
    store, moment = str(make_store(org).pk), timezone.now()
    sent = [
        event(
            recorded_at=(moment - timedelta(minutes=n)).isoformat(),
            store_id=store,
            client_event_id=str(uuid4()),
            dimensions={"n": n, "where": "a place with a name" * 5},
        )
        for n in range(MOST_EVENTS)
    ]
    with django_assert_max_num_queries(12):
        answer = client.post(URL, sent)
    assert answer.json() == {"inserted": MOST_EVENTS, "duplicates": 0}


class TestTime:
    def test_what_is_older_than_retention_is_answered_422(self, client, org, settings):
        settings.TENANTRY_EVENT_RETENTION_MONTHS = 2
        first = first_moment_kept()
        assert first.date() == months_before(timezone.now().date(), 2)
        assert client.post(URL, event(recorded_at=first.isoformat())).status_code == 201
        late = first - timedelta(microseconds=1)
        answer = client.post(URL, [event(), event(recorded_at=late.isoformat())])
        assert (answer.status_code, answer.json()["type"]) == (422, "event-outside")
        assert answer.json()["errors"] == {
            "1": {"recorded_at": [f"Events of before {first.date()} are no longer taken."]}
        }
        assert events_of(org).count() == 1

    def test_without_retention_ten_years_are_taken(self, client):
        first = first_moment_kept()
        assert first.date() == months_before(timezone.now().date(), 120)
        assert client.post(URL, event(recorded_at=first.isoformat())).status_code == 201
        assert client.post(URL, event(recorded_at=(first - timedelta(hours=1)).isoformat())).status_code == 422

    def test_a_clock_may_be_a_day_ahead_and_no_more(self, client):
        for minutes, status in ((-1, 201), (1, 422)):
            moment = timezone.now() + timedelta(days=1, minutes=minutes)
            assert client.post(URL, event(recorded_at=moment.isoformat())).status_code == status

    def test_an_offset_is_honoured(self, client, org):
        client.post(URL, event(recorded_at="2026-03-01T01:00:00+02:00"))
        assert events_of(org).get().recorded_at == datetime(2026, 2, 28, 23, tzinfo=UTC)


class TestWho:
    def test_a_key_of_a_machine_sends(self, org):
        assert key_client(org).post(URL, event()).status_code == 201

    def test_a_member_reads_and_does_not_send(self, client, org):
        client.post(URL, event())
        member = client_for(make_member(org).user, org)
        assert member.post(URL, event()).status_code == 403
        assert len(member.get(URL).json()["results"]) == 1

    def test_nobody_sees_another_organization_s(self, client, other_org, stranger):
        client.post(URL, event())
        assert client_for(stranger, other_org).get(URL).json()["results"] == []


class TestLists:
    def test_the_newest_come_first_page_by_page(self, client):
        client.post(URL, [event(recorded_at=f"2026-03-{n:02}T00:00:00Z", value=n) for n in range(1, 11)])
        address, seen = f"{URL}?page_size=4", []
        while address:
            page = client.get(address).json()
            seen += [int(float(row["value"])) for row in page["results"]]
            address = page["next"]
        assert seen == list(range(10, 0, -1))

    def test_they_are_narrowed_by_metric_store_and_time(self, client, org):
        MetricDefinition.objects.create(key="sales", display_name="Sales")
        store = str(make_store(org).pk)
        march = {"recorded_at": "2026-03-05T00:00:00Z"}
        client.post(URL, [event(**march), event(store_id=store), event(metric_key="sales", store_id=store)])
        for asked, count in (
            (f"store_id={store}", 2),
            (f"store_id={store}&metric_key=sales", 1),
            ("recorded_at_to=2026-04-01T00:00:00Z", 1),
        ):
            assert len(client.get(f"{URL}?{asked}").json()["results"]) == count, asked

    def test_definitions_are_read_by_everybody_who_is_somebody(self, client):
        (shown,) = client.get("/api/metric-definitions/?key=visits").json()["results"]
        assert (shown["display_name"], shown["aggregation_method"]) == ("Visits", "sum")
