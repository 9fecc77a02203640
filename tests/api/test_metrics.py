"""What measurements add up to: by method, in whole buckets of a time zone, without gaps, and within bounds."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from tenants.models import Aggregation, MetricDefinition, MetricEvent, Store
from tests.api.clients import client_for
from tests.factories import make_store, make_workspace

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def client(org, owner):
    return client_for(owner, org)


def define(method="sum", key="visits"):
    return MetricDefinition.objects.create(key=key, display_name="Visits", unit="visits", aggregation_method=method)


def measure(org, *values, start=START, step=timedelta(hours=1), store=None, key="visits"):
    for n, value in enumerate(values):
        MetricEvent.objects.create(org=org, metric_key=key, value=value, recorded_at=start + n * step, store=store)


def ask(client, **parameters):
    asked = {"key": "visits", "from": "2026-03-01", "to": "2026-03-04", **parameters}
    return client.get("/api/metrics/?" + "&".join(f"{k}={v}".replace("+", "%2B") for k, v in asked.items() if v))


def values(client, **parameters):
    answer = ask(client, **parameters)
    assert answer.status_code == 200, answer.content
    return [point["value"] for point in answer.json()["results"]]


RESULTS = {
    Aggregation.SUM: ["13", "0", "5"],
    Aggregation.AVG: ["3.25", None, "5"],
    Aggregation.MIN: ["1", None, "5"],
    Aggregation.MAX: ["7.5", None, "5"],
    Aggregation.LAST: ["2", None, "5"],
    Aggregation.COUNT: ["4", "0", "1"],
    Aggregation.P95: ["6.75", None, "5"],
}


@pytest.mark.parametrize("method", Aggregation)
def test_each_method_adds_up_as_its_name_says_and_leaves_no_gap(client, org, method):
    define(method)
    measure(org, 1, Decimal("7.5"), Decimal("2.5"), 2)
    measure(org, 5, start=START + timedelta(days=2))
    assert values(client) == RESULTS[method]


def test_the_answer_says_what_it_is(client, org):
    define("avg")
    measure(org, 4)
    said = ask(client, to="2026-03-02").json()
    assert said == {
        "key": "visits",
        "display_name": "Visits",
        "unit": "visits",
        "aggregation_method": "avg",
        "bucket": "day",
        "tz": "UTC",
        "start": "2026-03-01T00:00:00Z",
        "end": "2026-03-02T00:00:00Z",
        "results": [{"start": "2026-03-01T00:00:00Z", "value": "4", "events": 1}],
    }


def test_days_begin_where_the_people_are(client, org):
    define()
    measure(org, 1, start=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    assert values(client, to="2026-03-03") == ["1", "0"]
    assert values(client, to="2026-03-03", tz="Europe/Berlin") == ["0", "1"]
    assert values(client, to="2026-03-03", tz="Pacific/Auckland") == ["0", "1"]


def test_a_store_s_days_are_those_of_its_time_zone(client, org):
    define()
    store = make_store(org)
    Store.objects.filter(pk=store.pk).update(timezone="Asia/Tokyo")
    measure(org, 1, start=datetime(2026, 3, 1, 16, tzinfo=UTC), store=store)
    answer = ask(client, store=store.pk, to="2026-03-03").json()
    assert (answer["tz"], [p["value"] for p in answer["results"]]) == ("Asia/Tokyo", ["0", "1"])
    assert answer["results"][0]["start"] == "2026-03-01T00:00:00+09:00"


def test_the_day_of_23_hours_is_a_day_and_the_hour_shown_twice_is_two(client, org):
    define("count")
    spring = datetime(2026, 3, 28, 23, tzinfo=UTC)
    measure(org, *[1] * 48, start=spring)
    assert values(client, **{"from": "2026-03-29", "to": "2026-03-31", "tz": "Europe/Berlin"}) == ["23", "24"]
    hours = values(client, **{"from": "2026-10-25", "to": "2026-10-26", "tz": "Europe/Berlin", "bucket": "hour"})
    assert len(hours) == 25


def test_weeks_begin_on_monday_and_months_on_their_first_day(client, org):
    define()
    measure(org, 1, start=datetime(2026, 3, 4, tzinfo=UTC))
    weeks = ask(client, bucket="week", to="2026-03-10").json()["results"]
    assert [(p["start"][:10], p["value"]) for p in weeks] == [
        ("2026-02-23", "0"),
        ("2026-03-02", "1"),
        ("2026-03-09", "0"),
    ]
    months = ask(client, bucket="month", **{"from": "2026-02-11", "to": "2026-04-02"}).json()["results"]
    assert [p["start"][:10] for p in months] == ["2026-02-01", "2026-03-01", "2026-04-01"]


def test_a_workspace_is_its_stores(client, org):
    define()
    north, south = make_workspace(org, "North"), make_workspace(org, "South")
    measure(org, 1, store=make_store(org, "a", north))
    measure(org, 2, store=make_store(org, "b", north))
    measure(org, 4, store=make_store(org, "c", south))
    measure(org, 8)
    assert values(client, to="2026-03-02") == ["15"]
    assert values(client, to="2026-03-02", workspace=north.pk) == ["3"]
    assert values(client, to="2026-03-02", workspace=make_workspace(org, "Empty").pk) == ["0"]


def test_a_late_event_is_counted_where_it_belongs(client, org):
    define()
    measure(org, 1)
    assert values(client)[0] == "1"
    measure(org, 2, start=START + timedelta(minutes=7))
    assert values(client)[0] == "3"


def test_nobody_adds_up_what_is_another_organization_s(client, org, other_org):
    define()
    measure(other_org, 100)
    assert values(client) == ["0", "0", "0"]
    foreign = make_store(other_org)
    for name, row in (("store", foreign.pk), ("workspace", foreign.workspace_id)):
        told = [ask(client, **{name: key}) for key in (row, uuid4())]
        assert [a.status_code for a in told] == [400, 400]
        assert told[0].json() == told[1].json()


WRONG = [
    {"key": "nonsense"},
    {"key": ""},
    {"bucket": "minute"},
    {"tz": "Mars/Olympus"},
    {"tz": "../../etc/passwd"},
    {"from": "2026-03-05"},
    {"from": "yesterday"},
    {"to": "9999-12-31T23:59:59-23:00"},
    {"from": "0001-01-01"},
    {"store": "7"},
    {"workspace": "nonsense"},
    {"nonsense": "1"},
    {"key": "%00"},
    {"bucket": "hour", "to": "2026-06-01"},
    {"from": "2001-01-01"},
]


@pytest.mark.parametrize("asked", WRONG, ids=lambda asked: "-".join(asked))
def test_what_cannot_be_used_is_refused_by_its_name(client, asked):
    define()
    answer = ask(client, **asked)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"]


def test_without_a_range_it_is_the_last_thirty_days(client, org):
    define()
    assert len(client.get("/api/metrics/?key=visits").json()["results"]) in (31, 32)
