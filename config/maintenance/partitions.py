"""Partitions: months made ahead of time, rows moved out of DEFAULT ones, months of events retired."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.db import connection

from audit.partitions import months_ahead
from config.maintenance.task import Result, as_owner, tell
from postgres.partitions import Monthly, count_default, due_months, make_default, make_months, missing_months
from tenants.metrics.partitions import EVENTS, delete_late, expired_months, retire_month_of_events


def look_at_partitions(monthly: Monthly) -> str:
    def look() -> str:
        with connection.cursor() as cursor:
            return tell("would make", missing_months(cursor, monthly, *months_ahead()))

    return as_owner(look)


def make_partitions(monthly: Monthly) -> str:
    """A transaction for each month: whoever writes meanwhile waits for one of them, not for all."""

    def prepare() -> tuple[int, list[date]]:
        with connection.cursor() as cursor:
            make_default(cursor, monthly)
            return count_default(cursor, monthly), due_months(cursor, monthly, *months_ahead())

    def make(month: date) -> list[str]:
        with connection.cursor() as cursor:
            return make_months(cursor, monthly, month, 1)

    def count() -> int:
        with connection.cursor() as cursor:
            return count_default(cursor, monthly)

    held, due = as_owner(prepare)
    made = [name for month in due for name in as_owner(partial(make, month))]
    moved = held - as_owner(count)
    return tell("made", made) + (f"; moved {moved} rows out of {monthly.default}" if moved > 0 else "")


def look_at_events() -> str:
    def look() -> str:
        with connection.cursor() as cursor:
            return tell("would retire", expired_months(cursor))

    return as_owner(look)


def retire_events() -> str:
    """A transaction for each month, as short as can be: events come in meanwhile."""

    def take(action: Callable[[Any], Result]) -> Result:
        with connection.cursor() as cursor:
            return action(cursor)

    due = as_owner(partial(take, expired_months))
    for name in due:
        as_owner(partial(take, partial(retire_month_of_events, partition=name)))
    late = as_owner(partial(take, delete_late))
    return tell("retired", due) + (f"; deleted {late} rows of {EVENTS.default}" if late else "")
