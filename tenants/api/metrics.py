"""What measurements add up to, over time."""

from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers
from rest_framework.response import Response

from tenants.api.base import ApiView
from tenants.api.series_questions import (
    DAYS,
    find_definition,
    read_bounds,
    read_bucket,
    read_parameters,
    read_place,
    read_zone,
)
from tenants.metrics.buckets import Bucket
from tenants.metrics.series import Point, read_series


class SeriesPoint(serializers.Serializer[Any]):
    """One bucket; without events `value` is 0 for sums and counts and null for the others."""

    start = serializers.DateTimeField()
    value = serializers.DecimalField(30, 6, allow_null=True)
    events = serializers.IntegerField()


class Series(serializers.Serializer[Any]):
    """A metric over time: whole buckets, every one of them."""

    key = serializers.CharField()
    display_name = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    aggregation_method = serializers.CharField()
    bucket = serializers.CharField()
    tz = serializers.CharField()
    start = serializers.DateTimeField(help_text="Where the first bucket begins.")
    end = serializers.DateTimeField(help_text="Where the last bucket ends.")
    results = SeriesPoint(many=True)


TIME = {"type": "string", "description": "A date, or a date and a time; without an offset in `tz`."}
ID = {"type": "string", "format": "uuid"}


class MetricsView(ApiView):
    """What measurements add up to, over time."""

    answers = {"series": (200, Series)}
    parameters = {
        "series": {
            "key": {"type": "string", "minLength": 1, "maxLength": 100, "description": "Of a metric; needed."},
            "from": {**TIME, "description": f"{TIME['description']} Else {DAYS} days before `to`."},
            "to": {**TIME, "description": f"{TIME['description']} Else now. Not included."},
            "bucket": {"type": "string", "enum": list(Bucket.values), "default": "day"},
            "store": ID,
            "workspace": ID,
            "tz": {"type": "string", "maxLength": 64, "description": "IANA name; else the store's, else UTC."},
        }
    }

    def series(self, request: Any, **kwargs: Any) -> Response:
        """Add up the events of a metric by hour, day, week or month, as its definition says."""
        asked = read_parameters(request.query_params, self.parameters["series"])
        definition = find_definition(asked.get("key", ""))
        stores, tz = read_place(asked)
        zone = read_zone(asked.get("tz", tz))
        bucket = read_bucket(asked.get("bucket", Bucket.DAY))
        bounds = read_bounds(asked, bucket, zone)
        points = read_series(definition, bounds, stores)
        return Response(
            {
                "key": definition.key,
                "display_name": definition.display_name,
                "unit": definition.unit,
                "aggregation_method": definition.aggregation_method,
                "bucket": bucket.value,
                "tz": zone.key,
                "start": bounds[0].astimezone(zone),
                "end": bounds[-1].astimezone(zone),
                "results": [tell_point(point, zone) for point in points],
            }
        )


def tell_point(point: Point, zone: ZoneInfo) -> dict[str, Any]:
    value = None if point.value is None else f"{point.value.normalize():f}"
    return {"start": point.start.astimezone(zone), "value": value, "events": point.events}
