"""What is asked of a metric: its parameters, each known, read, and refused when it cannot be used."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from rest_framework import serializers

from tenants.api.event_rows import NO_METRIC, NO_STORE
from tenants.api.fields import IdField
from tenants.metrics.buckets import MOST_BUCKETS, Bucket, TooManyBuckets, bucket_bounds, zone_names
from tenants.models import MetricDefinition, Store, Workspace
from tenants.models.metrics import FIRST, LAST

# Without `from`: so far back.
DAYS = 30


def find_definition(key: str) -> MetricDefinition:
    found = MetricDefinition.objects.filter(key=key).first()
    if found is None:
        raise serializers.ValidationError({"key": [NO_METRIC]})
    return found


def read_parameters(params: Any, known: dict[str, Any]) -> dict[str, str]:
    """Each is known, and given once."""
    errors = {}
    for name, values in params.lists():
        if name not in known:
            errors[name] = [f"There is no such parameter here; there are {', '.join(known)}."]
        elif len(values) != 1 or "\0" in values[0]:
            errors[name] = ["Give it once, as plain text."]
    if errors:
        raise serializers.ValidationError(errors)
    return {name: params[name] for name in params}


def read_place(asked: dict[str, str]) -> tuple[list[Any] | None, str]:
    """The stores to look at (None: all there is), and the time zone that goes without saying."""
    if "store" not in asked and "workspace" not in asked:
        return None, "UTC"
    rows, tz = Store.objects.order_by(), "UTC"
    if "workspace" in asked:
        workspace = read_key("workspace", asked["workspace"])
        if not Workspace.objects.filter(pk=workspace).exists():
            raise serializers.ValidationError({"workspace": ["There is no such workspace in this organization."]})
        rows = rows.filter(workspace_id=workspace)
    if "store" in asked:
        found = rows.filter(pk=read_key("store", asked["store"])).values_list("pk", "timezone").first()
        if found is None:
            raise serializers.ValidationError({"store": [NO_STORE]})
        return [found[0]], found[1] if found[1] in zone_names() else "UTC"
    return list(rows.values_list("pk", flat=True)), tz


def read_key(name: str, written: str) -> Any:
    try:
        return IdField().run_validation(written)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({name: error.detail}) from None


def read_zone(name: str) -> ZoneInfo:
    if name not in zone_names():
        raise serializers.ValidationError({"tz": ["Give the IANA name of a time zone, as in Europe/Berlin."]})
    return ZoneInfo(name)


def read_bucket(written: str) -> Bucket:
    if written not in Bucket.values:
        raise serializers.ValidationError({"bucket": [f"Give one of {', '.join(Bucket.values)}."]})
    return Bucket(written)


def read_bounds(asked: dict[str, str], bucket: Bucket, zone: ZoneInfo) -> list[datetime]:
    """Where the buckets begin and end that hold what was asked for."""
    stop = read_moment("to", asked["to"], zone) if "to" in asked else timezone.now()
    start = read_moment("from", asked["from"], zone) if "from" in asked else stop - timedelta(days=DAYS)
    if start >= stop:
        raise serializers.ValidationError({"to": ["This is not after `from`."]})
    try:
        return bucket_bounds(start, stop, bucket, zone)
    except TooManyBuckets:
        said = f"These are more than {MOST_BUCKETS} buckets; ask for less time, or for longer ones."
        raise serializers.ValidationError({"bucket": [said]}) from None


def read_moment(name: str, written: str, zone: ZoneInfo) -> datetime:
    """A plain date is its midnight."""
    try:
        try:
            day = date.fromisoformat(written)
            moment = datetime(day.year, day.month, day.day)
        except ValueError:
            moment = datetime.fromisoformat(written)
        found = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise serializers.ValidationError({name: ["Give a date, or a date and a time."]}) from None
    if not FIRST <= found <= LAST:
        raise serializers.ValidationError({name: [f"Give a time between {FIRST:%Y} and {LAST:%Y}."]})
    return found
