"""Spans of time as people count them: hours, days, weeks and months of a time zone, without a gap between them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.db import models

from postgres.partitions import month_after

MOST_BUCKETS = 1_000


class Bucket(models.TextChoices):
    """How long each span is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class TooManyBuckets(Exception):
    """More spans than anybody looks at."""


@cache
def zone_names() -> frozenset[str]:
    """The time zones that there are, by their IANA names."""
    return frozenset(available_timezones())


def bucket_bounds(start: datetime, stop: datetime, bucket: Bucket, zone: ZoneInfo) -> list[datetime]:
    """Where each bucket begins, and where the last one ends, in UTC: whole buckets that hold all of the range."""
    bounds: list[datetime] = []
    for moment in _beginnings(start, bucket, zone):
        # A day that a calendar left out (Samoa, 30 December 2011) is none.
        if moment not in bounds[-1:]:
            bounds.append(moment)
        if moment >= stop and len(bounds) > 1:
            return bounds
        if len(bounds) > MOST_BUCKETS:
            break
    raise TooManyBuckets(f"{start} to {stop} by {bucket}")


def _beginnings(start: datetime, bucket: Bucket, zone: ZoneInfo) -> Iterator[datetime]:
    local = start.astimezone(zone)
    if bucket == Bucket.HOUR:
        # Counted in UTC: the hour that a clock shows twice is two hours.
        moment = start.astimezone(UTC) - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        while True:
            yield moment
            moment += timedelta(hours=1)
    day = _first_day(local.date(), bucket)
    while True:
        # A midnight that a clock skips is the moment at which it skips.
        yield datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        day = _next_day(day, bucket)


def _first_day(day: date, bucket: Bucket) -> date:
    match bucket:
        case Bucket.WEEK:
            return day - timedelta(days=day.weekday())
        case Bucket.MONTH:
            return day.replace(day=1)
    return day


def _next_day(day: date, bucket: Bucket) -> date:
    return month_after(day) if bucket == Bucket.MONTH else day + timedelta(days=7 if bucket == Bucket.WEEK else 1)
