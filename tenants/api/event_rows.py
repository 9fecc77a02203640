"""Reading metric events out of a body: ten thousand at a time, each with what is wrong with it.

By hand: a serializer takes a tenth of a millisecond a row, which would be a second here.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from rest_framework import serializers

from tenants.api.fields import LONGEST_INDEXED
from tenants.api.problems import ApiProblem
from tenants.api.writing import as_rows
from tenants.metrics.events import LONGEST_DIMENSIONS, NewEvent, taken_window
from tenants.models import MetricDefinition, Store
from tenants.models.metrics import LARGEST

MOST_EVENTS = 10_000
# Digits of a number that is sent as text; what is longer is no measurement.
LONGEST_NUMBER = 64
STEP = Decimal("0.000001")
NEEDED = "This is needed."
NO_OBJECT = "This must be an object."
NO_METRIC = "There is no such metric."
NO_STORE = "There is no such store in this organization."
NO_NUMBER = "Give a number, or its digits as text."
TOO_LARGE = f"Give a number between -{LARGEST} and {LARGEST}."
NO_TIME = "Give a date and a time, as in 2026-03-14T09:26:53Z."
NO_ID = "This must be an id."
NO_NAME = f"Give a text of 1 to {LONGEST_INDEXED} characters."
LONG_DIMENSIONS = f"Give at most {LONGEST_DIMENSIONS} characters of JSON."
TOO_OLD = "Events of before {:%Y-%m-%d} are no longer taken."
TOO_NEW = "This is more than a day ahead."
OUTSIDE = "Some events are of a time that is no longer, or not yet, taken."
Errors = dict[str, list[str]]


class Unusable(Exception):
    """A value that is none, with the sentence that says so."""


def read_events(data: Any) -> list[NewEvent]:
    """All of a body or nothing: errors are told per row."""
    rows = data if isinstance(data, list) else [data]
    if not rows:
        raise serializers.ValidationError(["Give at least one event."])
    if len(rows) > MOST_EVENTS:
        raise ApiProblem(413, f"Give at most {MOST_EVENTS} events at a time.")
    read = [read_event(row) for row in rows]
    refuse_unknown(read)
    if any(wrong for _, wrong in read):
        raise serializers.ValidationError(as_rows([wrong for _, wrong in read]))
    events = [NewEvent(**values) for values, _ in read]
    refuse_outside(events)
    return events


def read_event(row: Any) -> tuple[dict[str, Any], Errors]:
    """What can be used of one event, and what is wrong with the rest."""
    if not isinstance(row, dict):
        return {}, {"non_field_errors": [NO_OBJECT]}
    values: dict[str, Any] = {}
    errors: Errors = {}
    for name, (read, needed) in READERS.items():
        given = row.get(name)
        if given is None:
            if needed:
                errors[name] = [NEEDED]
            continue
        try:
            values[name] = read(given)
        except Unusable as wrong:
            errors[name] = [str(wrong)]
    return values, errors


def read_key(given: Any) -> str:
    # Whether there is such a metric is asked for all of them together.
    if not isinstance(given, str):
        raise Unusable(NO_METRIC)
    return given


def read_time(given: Any) -> datetime:
    """As ISO 8601 has it; without an offset, in UTC."""
    if not isinstance(given, str) or not 16 <= len(given) <= 40:
        raise Unusable(NO_TIME)
    try:
        moment = datetime.fromisoformat(given)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unusable(NO_TIME) from None


def read_value(given: Any) -> Decimal:
    """Rounded to what the column holds; a float counts as what it was written as."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise Unusable(NO_NUMBER)
    try:
        number = Decimal(given if isinstance(given, int) else str(given)[:LONGEST_NUMBER])
    except InvalidOperation:
        raise Unusable(NO_NUMBER) from None
    if not number.is_finite() or (isinstance(given, str) and len(given) > LONGEST_NUMBER):
        raise Unusable(NO_NUMBER)
    # Not abs(): that rounds, and overflows where this only compares.
    if number.copy_abs() > LARGEST:
        raise Unusable(TOO_LARGE)
    return number.quantize(STEP, ROUND_HALF_EVEN)


def read_id(given: Any) -> UUID:
    try:
        return UUID(given)
    except (ValueError, AttributeError, TypeError):
        raise Unusable(NO_ID) from None


def read_name(given: Any) -> str:
    if not isinstance(given, str) or not 0 < len(given) <= LONGEST_INDEXED:
        raise Unusable(NO_NAME)
    return given


def read_dimensions(given: Any) -> str:
    if not isinstance(given, dict):
        raise Unusable(NO_OBJECT)
    text = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
    if len(text) > LONGEST_DIMENSIONS:
        raise Unusable(LONG_DIMENSIONS)
    return text


# By name: what reads it, and whether it must be there.
READERS: dict[str, tuple[Callable[[Any], Any], bool]] = {
    "metric_key": (read_key, True),
    "recorded_at": (read_time, True),
    "value": (read_value, True),
    "store_id": (read_id, False),
    "dimensions": (read_dimensions, False),
    "client_event_id": (read_name, False),
}


def refuse_unknown(read: list[tuple[dict[str, Any], Errors]]) -> None:
    """Metrics and stores that are not there, or not in this organization: one query each, however many events."""
    keys, stores = ({values[name] for values, _ in read if name in values} for name in ("metric_key", "store_id"))
    known = set(MetricDefinition.objects.filter(key__in=keys).values_list("key", flat=True))
    ours = set(Store.objects.filter(pk__in=stores).values_list("pk", flat=True)) if stores else set()
    if keys <= known and stores <= ours:
        return
    strange, foreign = keys - known, stores - ours
    for values, wrong in read:
        if values.get("metric_key") in strange:
            wrong["metric_key"] = [NO_METRIC]
        if values.get("store_id") in foreign:
            wrong["store_id"] = [NO_STORE]


def refuse_outside(events: list[NewEvent]) -> None:
    """Events of months that are gone, or of days that have not come: right in form, so 422."""
    first, last = taken_window()
    errors: list[Errors] = [{} for _ in events]
    for event, wrong in zip(events, errors, strict=True):
        if event.recorded_at < first:
            wrong["recorded_at"] = [TOO_OLD.format(first)]
        elif event.recorded_at > last:
            wrong["recorded_at"] = [TOO_NEW]
    if any(errors):
        raise ApiProblem(422, OUTSIDE, "event-outside", errors=as_rows(errors))
