"""How far ahead partitions reach, and what has no month yet: for the console, the dashboard and /metrics."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from postgres.names import app_schema
from postgres.partitions import Monthly, month_after, months_from
from tenants.metrics.partitions import BY_MONTH

# From the catalog, which everybody may read: no row of anybody is.
READ_PARTITIONS = """
select c.relname, nullif(c.reltuples, -1)::bigint, pg_catalog.pg_total_relation_size(c.oid)
from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
where i.inhparent = to_regclass(%s) order by c.relname
"""
WAITING = "select parent, waiting from private.rows_without_month()"
MONTH = re.compile(r"_(\d{4})_(\d\d)\Z")


@dataclass(frozen=True)
class Part:
    """One month's partition: rows as the planner estimates them (None: not analyzed yet), size with indexes."""

    name: str
    month: date
    rows: int | None
    bytes: int


@dataclass(frozen=True)
class Coverage:
    """One table by month; `waiting` rows are in DEFAULT."""

    table: str
    parts: Sequence[Part]
    waiting: int
    ahead: int
    wanted: int

    @property
    def covered(self) -> bool:
        """Whether `maintain` has nothing to do here."""
        return not self.waiting and self.ahead >= self.wanted


def partition_coverage() -> list[Coverage]:
    """Every table by month; in a scope of staff or of the service."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        waiting = dict(cursor.fetchall())
        return [read_coverage(cursor, monthly, waiting[monthly.table]) for monthly in BY_MONTH]


def read_coverage(cursor: Any, monthly: Monthly, waiting: int) -> Coverage:
    cursor.execute(READ_PARTITIONS, [f"{app_schema()}.{monthly.table}"])
    parts = [
        Part(name, date(int(found[1]), int(found[2]), 1), rows, size)
        for name, rows, size in cursor.fetchall()
        if (found := MONTH.search(name))
    ]
    return Coverage(monthly.table, parts, waiting, months_ahead(parts), settings.TENANTRY_MONTHS_AHEAD)


def months_ahead(parts: Sequence[Part]) -> int:
    """How many months after this one have their partition, without a gap; -1: not even this one has."""
    there, ahead = {part.month for part in parts}, -1
    month = next(months_from(timezone.now().date(), 1))
    while month in there:
        ahead, month = ahead + 1, month_after(month)
    return ahead
