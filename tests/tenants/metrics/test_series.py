"""The one query behind a metric: only the months it asks for are read, and its buckets are what a clock shows."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from postgres.partitions import make_months
from tenants.metrics.buckets import MOST_BUCKETS, Bucket, TooManyBuckets, bucket_bounds
from tenants.metrics.partitions import EVENTS
from tenants.metrics.series import series_statement
from tenants.models import Aggregation, MetricDefinition
from tenants.scope import api_scope

BERLIN = ZoneInfo("Europe/Berlin")


def scanned(plan):
    """The tables that a plan reads."""
    found = {plan["Relation Name"]} if "Relation Name" in plan else set()
    return found.union(*(scanned(part) for part in plan.get("Plans", [])))


@pytest.mark.django_db
@pytest.mark.parametrize("method", Aggregation)
def test_only_the_months_that_are_asked_for_are_read(org, owner, method):
    with connection.cursor() as cursor:
        make_months(cursor, EVENTS, date(2091, 1, 1), 12)
        spring = datetime(2091, 3, 1, tzinfo=BERLIN), datetime(2091, 5, 1, tzinfo=BERLIN)
        bounds = bucket_bounds(*spring, Bucket.DAY, BERLIN)
        definition = MetricDefinition(key="visits", aggregation_method=method)
        with api_scope(owner.pk, org.pk):
            cursor.execute(sql.SQL("explain (format json) ") + series_statement(definition, bounds))
            plan = cursor.fetchone()[0]
    plan = plan if isinstance(plan, list) else json.loads(plan)
    # The days of Berlin begin in the month before, in UTC.
    assert scanned(plan[0]["Plan"]) == {f"metric_events_2091_{month}" for month in ("02", "03", "04")}


moments = st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
zones = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/Sao_Paulo",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "Africa/Cairo",
    ]
).map(ZoneInfo)


@settings(max_examples=200, deadline=None)
@given(
    start=moments,
    length=st.timedeltas(timedelta(seconds=1), timedelta(days=40)),
    bucket=st.sampled_from(Bucket),
    zone=zones,
)
def test_buckets_hold_all_of_the_range_one_after_the_other(start, length, bucket, zone):
    bounds = bucket_bounds(start, start + length, bucket, zone)
    assert bounds[0] <= start
    assert bounds[-2] < start + length <= bounds[-1]
    assert all(before < after for before, after in pairwise(bounds))


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(moment=moments, bucket=st.sampled_from([Bucket.DAY, Bucket.WEEK, Bucket.MONTH]), zone=zones)
def test_buckets_begin_where_postgresql_says(moment, bucket, zone):
    (begin, _) = bucket_bounds(moment, moment + timedelta(microseconds=1), bucket, zone)[:2]
    with connection.cursor() as cursor:
        cursor.execute("select date_trunc(%s, %s::timestamptz, %s)", [bucket.value, moment, zone.key])
        assert begin == cursor.fetchone()[0]


def test_more_buckets_than_anybody_looks_at_are_refused():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    fits = start + timedelta(hours=MOST_BUCKETS)
    assert len(bucket_bounds(start, fits, Bucket.HOUR, ZoneInfo("UTC"))) == MOST_BUCKETS + 1
    with pytest.raises(TooManyBuckets):
        bucket_bounds(start, fits + timedelta(seconds=1), Bucket.HOUR, ZoneInfo("UTC"))
