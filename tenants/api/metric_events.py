"""Measurements in bulk, and what is measured."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.response import Response

from tenants.api.base import ApiView, ask
from tenants.api.event_rows import MOST_EVENTS, read_events
from tenants.api.fields import LONGEST_INDEXED, IdField, ObjectField, TextField, columns_of, reading_serializer
from tenants.api.filters import Query, query_of
from tenants.api.idempotency import idempotent
from tenants.api.pages import page
from tenants.api.problems import ApiProblem
from tenants.metrics.events import LONGEST_DIMENSIONS, add_events
from tenants.models import MetricDefinition, MetricEvent, Role

# Ten thousand events with a few dimensions each.
MOST_BYTES = 8 * 2**20
# The first place that is free, of those that the organization may take at once; given back with the transaction.
TAKE_PLACE = """
select n from generate_series(1, %s) n
where pg_try_advisory_xact_lock(hashtext('tenantry metric events'), hashtext(%s || ' ' || n)) limit 1
"""
BUSY = "This organization has {} bulk posts at work; send this one again in a moment."


class MetricEventWrite(serializers.Serializer[Any]):
    """One measurement. With a `client_event_id` it counts once, however often it is sent."""

    metric_key = TextField(max_length=100)
    recorded_at = serializers.DateTimeField()
    value = serializers.DecimalField(24, 6, help_text="A number, or its digits as text; rounded to six places.")
    store_id = IdField(required=False, allow_null=True)
    dimensions = ObjectField(required=False, help_text=f"At most {LONGEST_DIMENSIONS} characters of JSON.")
    client_event_id = TextField(required=False, allow_null=True, min_length=1, max_length=LONGEST_INDEXED)


class EventsTaken(serializers.Serializer[Any]):
    """How many events were new, and how many had been there."""

    inserted = serializers.IntegerField()
    duplicates = serializers.IntegerField()


class MetricEventView(ApiView):
    """Measurements: sent in bulk, never changed."""

    model = MetricEvent
    roles = {"create": Role.ADMIN}
    reading = reading_serializer(MetricEvent)
    writing = MetricEventWrite
    takes_many = True
    most_rows = MOST_EVENTS
    most_bytes = MOST_BYTES
    answers = {"create": (201, EventsTaken)}
    ordering = "-recorded_at"
    # Ordered by time only, and narrowed by what an index holds: the list is as long as the organization is old.
    query: ClassVar[Query] = Query(
        query_of(MetricEvent, without=("value", "client_event_id", "created_at")).filters, (), ("recorded_at",)
    )

    def list(self, request: Any, **kwargs: Any) -> Response:
        rows: QuerySet[Any, Any] = MetricEvent.objects.order_by().values(*(c.attname for c in columns_of(MetricEvent)))
        return page(request, self.query.apply(rows, request.query_params), self.query, self.ordering)

    @idempotent
    def create(self, request: Any, **kwargs: Any) -> Response:
        """Add one event or up to 10,000, all or none; what was sent before is counted and not added."""
        take_place(str(self.org.pk))
        events = read_events(request.data)
        inserted = add_events(self.org.pk, events)
        return Response({"inserted": inserted, "duplicates": len(events) - inserted}, status=201)


def take_place(org: str) -> None:
    """So that no organization's backlog keeps every process and the database from the others; raises 429."""
    places = settings.TENANTRY_EVENT_POSTS_AT_ONCE
    if places and ask(TAKE_PLACE, [places, org]) is None:
        raise ApiProblem(429, BUSY.format(places), headers={"Retry-After": "1"})


class DefinitionView(ApiView):
    """What is measured; the same for all organizations, and changed in the console."""

    model = MetricDefinition
    reading = reading_serializer(MetricDefinition)
    query: ClassVar[Query] = Query(
        query_of(MetricDefinition, without=("created_at", "updated_at")).filters, ("key", "display_name"), ("key", "id")
    )

    def list(self, request: Any, **kwargs: Any) -> Response:
        """List what is measured, by key."""
        columns = (c.attname for c in columns_of(MetricDefinition))
        rows: QuerySet[Any, Any] = MetricDefinition.objects.order_by().values(*columns)
        return page(request, self.query.apply(rows, request.query_params), self.query, "key")
