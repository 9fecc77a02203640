"""Events on their way in: many of one organization in one statement, each of them once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.utils import timezone

from postgres.keys import new_id
from tenants.metrics.partitions import first_moment_kept

# Clocks of senders run ahead, and their days begin before ours.
AHEAD = timedelta(days=1)
LONGEST_DIMENSIONS = 4_000
COLUMNS = ("recorded_at", "metric_key", "value", "store_id", "dimensions", "client_event_id")
# In one order, so that two that send the same do not wait for each other. What was sent before is no error. The keys
# come along: the database's own function for them would cost as much as two of the indexes.
INSERT = """
insert into metric_events (org_id, id, recorded_at, metric_key, value, store_id, dimensions, client_event_id)
select %s, e.id, e.recorded_at, e.metric_key, e.value, e.store_id, e.dimensions::jsonb, e.client_event_id
from unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::numeric[], %s::uuid[], %s::text[], %s::text[])
    as e (id, recorded_at, metric_key, value, store_id, dimensions, client_event_id)
order by e.recorded_at, e.client_event_id
on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One measurement, checked; `dimensions` is the text of a JSON object."""

    metric_key: str
    recorded_at: datetime
    value: Decimal
    store_id: UUID | None = None
    dimensions: str = "{}"
    client_event_id: str | None = None


def taken_window() -> tuple[datetime, datetime]:
    """The first moment that events may be of, and the last."""
    return first_moment_kept(), timezone.now() + AHEAD


def add_events(org_id: UUID, events: Sequence[NewEvent]) -> int:
    """Write them as whoever acts, all or none; return how many were new."""
    # In the order that they were given: keys of one millisecond are not in order by themselves.
    keys = sorted(new_id() for _ in events)
    arrays = [[getattr(event, column) for event in events] for column in COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [org_id, keys, *arrays])
        return int(cursor.rowcount)
