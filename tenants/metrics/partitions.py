"""The events' partitions: made months ahead, retired by month, and none of them an open table."""

from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from psycopg import sql

from audit.events import log_event
from audit.partitions import LOG, months_ahead
from postgres.partitions import Monthly, list_partitions, make_due, months_before
from postgres.rules import protect_statements

# Without retention: further back than this no event is taken, for every month of events is a table.
OLDEST_MONTHS = 120
# Nobody reads or writes a partition but through its parent: it has no rules of its own.
EVENTS = Monthly("metric_events", "recorded_at", lambda table: protect_statements(table, ()))
# What is kept by month.
BY_MONTH = (LOG, EVENTS)


def make_event_partitions(cursor: Any) -> list[str]:
    """DEFAULT, this month and the months ahead, and the months that DEFAULT had to take; return what was missing."""
    return make_due(cursor, EVENTS, *months_ahead())


def first_day_kept(today: date | None = None) -> date:
    """Events of before this day are refused; with retention, they go."""
    months = settings.TENANTRY_EVENT_RETENTION_MONTHS
    return months_before(today or timezone.now().date(), months if months > 0 else OLDEST_MONTHS)


def first_moment_kept() -> datetime:
    """The same, as a moment."""
    return datetime.combine(first_day_kept(), datetime.min.time(), UTC)


def expired_months(cursor: Any) -> list[str]:
    """Partitions whose events are all older than those that are kept, oldest first; none when retention is off."""
    if settings.TENANTRY_EVENT_RETENTION_MONTHS <= 0:
        return []
    limit = EVENTS.name_of(first_day_kept())
    return [name for name in list_partitions(cursor, EVENTS) if name != EVENTS.default and name < limit]


def retire_month_of_events(cursor: Any, partition: str) -> None:
    """Count, detach and drop one month: only the detaching needs its parent, so that is left to the last moment."""
    names = {"parent": sql.Identifier(EVENTS.table), "partition": sql.Identifier(partition)}
    cursor.execute(sql.SQL("select count(*) from {partition}").format(**names))
    rows = cursor.fetchone()[0]
    log_event(cursor, "metrics.month_retired", table=partition, rows=rows)
    # Not CONCURRENTLY: PostgreSQL refuses that beside a DEFAULT partition.
    cursor.execute(sql.SQL("alter table {parent} detach partition {partition}").format(**names))
    cursor.execute(sql.SQL("drop table {partition}").format(**names))


def delete_late(cursor: Any) -> int:
    """Expired events that came in after their month had gone wait in DEFAULT: they would bring their month back."""
    if settings.TENANTRY_EVENT_RETENTION_MONTHS <= 0:
        return 0
    statement = sql.SQL("delete from {} where recorded_at < %s").format(sql.Identifier(EVENTS.default))
    cursor.execute(statement, [first_moment_kept()])
    return int(cursor.rowcount)
