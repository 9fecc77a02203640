"""Metric events: how they come in beside a bare table, and what a month's chart costs as years of events pile up.

usage: python bench/metric_events.py; BENCH_EVENTS (1,000,000) over 24 months of 20 organizations, in a database of its
own beside DATABASE_URL's. A tenth as many again are one organization's in one month. Ratios are what counts.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
EVENTS_IN_ALL = int(os.environ.get("BENCH_EVENTS", "1000000"))
MONTHS, ORGS, BATCH, ROUNDS = 24, 20, 10_000, 7
STOPS = (6, 12, 18, 24)
BARE = """
create table bare (org_id uuid, id uuid, recorded_at timestamptz, metric_key text, value numeric(24, 6), store_id uuid,
    dimensions jsonb, client_event_id text, created_at timestamptz default now())
"""
BARE_INSERT = (
    "insert into bare (org_id, id, recorded_at, metric_key, value, store_id, dimensions, client_event_id) values "
)
FILL = """
insert into metric_events (org_id, id, recorded_at, metric_key, value, store_id, client_event_id)
select o.orgs[1 + g %% cardinality(o.orgs)], new_id(),
    %(start)s::timestamptz + g * ((%(stop)s::timestamptz - %(start)s::timestamptz) / %(count)s),
    %(key)s, (g * 7919 %% 100000) / 100.0, o.stores[1 + g %% cardinality(o.stores)], g::text
from generate_series(0, %(count)s::bigint - 1) g, (select %(orgs)s::uuid[] as orgs, %(stores)s::uuid[] as stores) o
"""


def took(action: Callable[[], Any]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def batch(number: int) -> list[NewEvent]:
    """Ten thousand events of an hour of their own, as a store's tills would send them."""
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    return [
        NewEvent(
            "visits", start + timedelta(milliseconds=n * 300), Decimal(n) / 100, STORE, '{"till": 3}', str(new_id())
        )
        for n in range(BATCH)
    ]


def make(month: date, count: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        make_months(cursor, EVENTS, month, count)


def insert_bare(events: list[NewEvent]) -> None:
    """What people write first: one INSERT with a row of placeholders for each event."""
    rows = [
        (ORG.pk, new_id(), e.recorded_at, e.metric_key, e.value, e.store_id, e.dimensions, e.client_event_id)
        for e in events
    ]
    marks = ",".join(["(%s,%s,%s,%s,%s,%s,%s,%s)"] * len(rows))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BARE_INSERT + marks, [value for row in rows for value in row])


def insert_arrays(events: list[NewEvent]) -> None:
    """The guarded table's statement, into the bare one: what indexes, keys and policies cost by themselves."""
    arrays = [[getattr(event, column) for event in events] for column in COLUMNS]
    keys = [new_id() for _ in events]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT.replace("metric_events", "bare"), [ORG.pk, keys, *arrays])


def insert_guarded(events: list[NewEvent]) -> None:
    with transaction.atomic(), api_scope(OWNER.pk, ORG.pk):
        add_events(ORG.pk, events)


def measure_ingest() -> None:
    """Side by side, one batch each in turn, so that a busy machine is busy for both."""
    with connection.cursor() as cursor:
        cursor.execute(BARE)
    make(date(2026, 1, 1), 1)
    bare, arrays, guarded = [], [], []
    for number in range(ROUNDS):
        events = batch(number)
        bare.append(took(partial(insert_bare, events)))
        arrays.append(took(partial(insert_arrays, events)))
        guarded.append(took(partial(insert_guarded, events)))
    again = took(lambda: insert_guarded(events))
    print(f"\nbatches of {BATCH:,}, medians of {ROUNDS}")
    tell("multi-row INSERT, bare table", median(bare), median(bare))
    tell("arrays, bare table", median(arrays), median(bare))
    tell("arrays, guarded: 4 indexes, 3 keys, policies", median(guarded), median(bare))
    tell("the same once more: all duplicates", again, median(bare))


def fill(months: list[date], count: int, key: str, orgs: list[Any]) -> None:
    """Ten million events are no sender's to make."""
    with silent_session(DATABASE) as session:
        stores = [row[0] for row in session.execute("select id from stores").fetchall()]
        limits = {"start": months[0], "stop": month_after(months[-1]), "count": count}
        session.execute(FILL, {**limits, "key": key, "orgs": orgs, "stores": stores})
        session.execute("vacuum analyze metric_events")


def asked(month: date, key: str, method: str) -> Callable[[], None]:
    """A month by day, as the API asks for it."""
    first, after = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (month, month_after(month)))
    bounds = bucket_bounds(first, after, Bucket.DAY, ZoneInfo("UTC"))
    definition = MetricDefinition(key=key, aggregation_method=method)

    def ask() -> None:
        with transaction.atomic(), api_scope(OWNER.pk, ORG.pk):
            assert any(point.events for point in read_series(definition, bounds))

    return ask


def newest() -> None:
    with transaction.atomic(), api_scope(OWNER.pk, ORG.pk):
        list(MetricEvent.objects.order_by("-recorded_at", "-id").values()[:50])


def best(action: Callable[[], Any]) -> float:
    return min(took(action) for _ in range(ROUNDS))


def measure_growth() -> None:
    """The same questions of the same month, while the years before it and after it fill up."""
    first = date(2030, 1, 1)
    months = list(months_from(first, MONTHS))
    make(first, MONTHS)
    orgs = [ORG.pk, *(make_org().pk for _ in range(ORGS - 1))]
    base: dict[str, float] = {}
    before = 0
    for stop in STOPS:
        fill(months[before:stop], EVENTS_IN_ALL * (stop - before) // MONTHS, "visits", orgs)
        before = stop
        print(f"\n{stop} months, {EVENTS_IN_ALL * stop // MONTHS:,} events; how many times as long as with {STOPS[0]}")
        for name, action in questions(months[0]):
            found = best(action)
            tell(name, found, base.setdefault(name, found))


def questions(month: date) -> Iterator[tuple[str, Callable[[], None]]]:
    yield "a month by day, sum", asked(month, "visits", "sum")
    yield "a month by day, p95", asked(month, "visits", "p95")
    yield "the newest 50", newest


def measure_big_month() -> None:
    """One organization's busy month, by every method, beside the same with date_trunc."""
    count, month = EVENTS_IN_ALL // 10, date(2033, 1, 1)
    make(month, 1)
    fill([month], count, "big", [ORG.pk])
    truncated = best(lambda: date_trunc(month))
    print(f"\na month of {count:,} events of one organization; how many times date_trunc's sum")
    tell("sum by date_trunc in a time zone", truncated, truncated)
    for method in Aggregation.values:
        tell(method, best(asked(month, "big", method)), truncated)


def date_trunc(month: date) -> None:
    with transaction.atomic(), api_scope(OWNER.pk, ORG.pk), connection.cursor() as cursor:
        cursor.execute(
            "select date_trunc('day', recorded_at, 'Europe/Berlin'), sum(value), count(*) from metric_events"
            " where metric_key = 'big' and recorded_at >= %s and recorded_at < %s group by 1",
            [month, month_after(month)],
        )
        cursor.fetchall()


def tell(name: str, milliseconds: float, yardstick: float) -> None:
    print(f"{name:<46} {milliseconds:>9.1f} ms {milliseconds / yardstick:>6.2f}x", flush=True)


if __name__ == "__main__":
    django.setup()
    from datetime import UTC, date, datetime, timedelta
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from django.db import connection, transaction

    from bench._ground import bench_database, silent_session
    from bench._turns import read_counts
    from postgres.keys import new_id
    from postgres.partitions import make_months, month_after, months_from
    from tenants.metrics.buckets import Bucket, bucket_bounds
    from tenants.metrics.events import COLUMNS, INSERT, NewEvent, add_events
    from tenants.metrics.partitions import EVENTS
    from tenants.metrics.series import read_series
    from tenants.models import Aggregation, MetricDefinition, MetricEvent
    from tenants.scope import api_scope
    from tests.factories import make_org, make_store, owner_of

    read_counts(__doc__)
    with bench_database("bench_events") as DATABASE:
        for key in ("visits", "big"):
            MetricDefinition.objects.create(key=key, display_name=key)
        ORG = make_org()
        OWNER, STORE = owner_of(ORG), make_store(ORG).pk
        measure_ingest()
        measure_growth()
        measure_big_month()
