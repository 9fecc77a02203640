"""The chart of any metric: what is asked for, its picture, and the same as a table."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from tenants.admin.charts import draw_chart, tell
from tenants.metrics.buckets import MOST_BUCKETS, Bucket, TooManyBuckets, bucket_bounds, zone_names
from tenants.metrics.series import Point, read_series
from tenants.models import Aggregation, MetricDefinition, Store

DAYS = 30
# As many stores as one looks through; the API takes any.
OFFERED = 200
AS_BARS = {Aggregation.SUM, Aggregation.COUNT}
SHOWN = {Bucket.HOUR: "%-d %b, %H:%M", Bucket.DAY: "%-d %b %Y", Bucket.WEEK: "week of %-d %b %Y", Bucket.MONTH: "%b %Y"}


class DateInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]
    """The browser's own calendar."""

    input_type = "date"

    def format_value(self, value: Any) -> Any:
        return value.isoformat() if hasattr(value, "isoformat") else value


class ChartForm(forms.Form):
    """Which metric, of which stores, from when to when, in what steps."""

    key = forms.ModelChoiceField(
        MetricDefinition.objects.all(), to_field_name="key", label="Metric", widget=UnfoldAdminSelectWidget
    )
    store = forms.ModelChoiceField(
        Store.objects.none(), required=False, empty_label="All stores", widget=UnfoldAdminSelectWidget
    )
    bucket = forms.ChoiceField(choices=Bucket.choices, widget=UnfoldAdminSelectWidget, label="By")
    start = forms.DateField(widget=DateInput, label="From")
    stop = forms.DateField(widget=DateInput, label="To, included")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores: Any = self.fields["store"]
        stores.queryset = Store.objects.order_by("name", "id")
        stores.choices = [("", "All stores"), *((s.pk, s.name) for s in stores.queryset[:OFFERED])]

    def clean(self) -> dict[str, Any]:
        """The bounds of the buckets, once all of it can be used."""
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        if said["start"] > said["stop"]:
            raise forms.ValidationError("The first day comes after the last.")
        store = said["store"]
        zone = ZoneInfo(store.timezone if store and store.timezone in zone_names() else "UTC")
        try:
            # To the next midnight, which is not always 24 hours away.
            days = said["start"], said["stop"] + timedelta(days=1)
            start, stop = (datetime.combine(day, time(), zone).astimezone(UTC) for day in days)
            said["bounds"] = bucket_bounds(start, stop, Bucket(said["bucket"]), zone)
        except (TooManyBuckets, OverflowError):
            said_so = f"These are more than {MOST_BUCKETS} steps: take fewer days, or longer steps."
            raise forms.ValidationError(said_so) from None
        return said | {"zone": zone}


def default_question() -> dict[str, str]:
    """The last thirty days of the metric that comes first."""
    today = timezone.now().date()
    first = MetricDefinition.objects.values_list("key", flat=True).first()
    return {
        "key": first or "",
        "store": "",
        "bucket": Bucket.DAY,
        "start": (today - timedelta(days=DAYS - 1)).isoformat(),
        "stop": today.isoformat(),
    }


def chart_context(request: HttpRequest) -> dict[str, Any]:
    """What the page shows: the form, and the chart where the form can be used."""
    asked = {name: request.GET[name] for name in default_question() if name in request.GET}
    form = ChartForm({**default_question(), **asked})
    if not MetricDefinition.objects.exists():
        return {"form": None}
    if not form.is_valid():
        return {"form": form}
    said = form.cleaned_data
    definition, bucket, zone = said["key"], Bucket(said["bucket"]), said["zone"]
    points = read_series(definition, said["bounds"], [said["store"].pk] if said["store"] else None)
    labels = [point.start.astimezone(zone).strftime(SHOWN[bucket]) for point in points]
    method = Aggregation(definition.aggregation_method)
    return {
        "form": form,
        "definition": definition,
        "method": method.label,
        "zone": zone.key,
        "bucket": bucket.label,
        "chart": draw_chart(points, labels, as_bars=method in AS_BARS),
        "rows": [
            {"label": label, "value": tell(point.value), "events": f"{point.events:,}"}
            for point, label in zip(points, labels, strict=True)
        ],
        "first": labels[0],
        "last": labels[-1],
        "summary": summarize(points, labels),
    }


def summarize(points: list[Point], labels: list[str]) -> str:
    """The picture in a sentence, for who does not see it."""
    measured = [(point.value, label) for point, label in zip(points, labels, strict=True) if point.events]
    if not measured:
        return "Nothing was measured in this time."
    (least, when_least), (most, when_most) = min(measured), max(measured)
    events = sum(point.events for point in points)
    return f"Highest {tell(most)} ({when_most}), lowest {tell(least)} ({when_least}); {events:,} events."
