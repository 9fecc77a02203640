"""Tables partitioned by month: making partitions ahead of time, and a DEFAULT that takes what has no month yet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import sql

from postgres.names import bound_name, fill, quote

TAKES_ROWS = """
select {start} <= now() at time zone 'UTC'
    or exists (select from {default} where {column} >= {start} and {column} < {stop})
"""
Protect = Callable[[str], list[str]]


@dataclass(frozen=True)
class Monthly:
    """A table partitioned by month, and the statements that protect a partition of it."""

    table: str
    column: str
    protect: Protect

    @property
    def default(self) -> str:
        return bound_name(f"{self.table}_default")

    def name_of(self, month: date) -> str:
        return bound_name(f"{self.table}_{month:%Y_%m}")


def months_before(day: date, months: int) -> date:
    """The first day of the month that many months earlier."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def month_after(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def months_from(start: date, count: int) -> Iterator[date]:
    """The first days of `count` months."""
    month = start.replace(day=1)
    for _ in range(count):
        yield month
        month = month_after(month)


def list_partitions(cursor: Any, monthly: Monthly) -> dict[str, str]:
    """Partition names and their bounds, as PostgreSQL writes them."""
    cursor.execute(
        "select c.relname, pg_get_expr(c.relpartbound, c.oid) from pg_catalog.pg_inherits i"
        " join pg_catalog.pg_class c on c.oid = i.inhrelid where i.inhparent = %s::regclass order by 1",
        [quote(monthly.table)],
    )
    return dict(cursor.fetchall())


def make_default(cursor: Any, monthly: Monthly) -> None:
    """The partition that keeps a missing month from stopping a write."""
    if monthly.default in list_partitions(cursor, monthly):
        return
    statement = sql.SQL("create table {} partition of {} default")
    cursor.execute(statement.format(sql.Identifier(monthly.default), sql.Identifier(monthly.table)))
    protect_partition(cursor, monthly, monthly.default)


def make_months(cursor: Any, monthly: Monthly, start: date, count: int) -> list[str]:
    """Make the partitions that are missing, moving into each what DEFAULT had taken for it; return their names."""
    present = list_partitions(cursor, monthly)
    made = []
    for month in months_from(start, count):
        name = monthly.name_of(month)
        if name not in present:
            make_month(cursor, monthly, name, month)
            made.append(name)
    return made


def make_due(cursor: Any, monthly: Monthly, start: date, count: int) -> list[str]:
    """DEFAULT, the months from `start` on, and those that DEFAULT had to take; return what was missing."""
    make_default(cursor, monthly)
    made = make_months(cursor, monthly, start, count)
    for month in months_in_default(cursor, monthly):
        made += make_months(cursor, monthly, month, 1)
    return made


def months_in_default(cursor: Any, monthly: Monthly) -> list[date]:
    """The months of the rows that DEFAULT took: each of them wants a partition of its own."""
    statement = sql.SQL("select distinct date_trunc('month', {} at time zone 'UTC')::date from {} order by 1")
    cursor.execute(statement.format(sql.Identifier(monthly.column), sql.Identifier(monthly.default)))
    return [row[0] for row in cursor.fetchall()]


def due_months(cursor: Any, monthly: Monthly, start: date, count: int) -> list[date]:
    """The months that are due and have no partition: those ahead, and those that DEFAULT stands in for."""
    present = list_partitions(cursor, monthly)
    held = months_in_default(cursor, monthly) if monthly.default in present else []
    due = sorted({*months_from(start, count), *held})
    return [month for month in due if monthly.name_of(month) not in present]


def missing_months(cursor: Any, monthly: Monthly, start: date, count: int) -> list[str]:
    """The same, by the names that their partitions would have."""
    return [monthly.name_of(month) for month in due_months(cursor, monthly, start, count)]


def count_default(cursor: Any, monthly: Monthly) -> int:
    """How many rows wait in DEFAULT for a month of their own."""
    cursor.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(monthly.default)))
    return int(cursor.fetchone()[0])


def make_month(cursor: Any, monthly: Monthly, name: str, month: date) -> None:
    """Fill the new table first and attach it then: DEFAULT may hold rows of this month, which would refuse it."""
    names = {
        "new": sql.Identifier(name),
        "parent": sql.Identifier(monthly.table),
        "default": sql.Identifier(monthly.default),
        "column": sql.Identifier(monthly.column),
        # With their offset: a bare date is midnight in the session's time zone.
        "start": sql.Literal(f"{month} 00:00:00+00"),
        "stop": sql.Literal(f"{month_after(month)} 00:00:00+00"),
    }
    cursor.execute(sql.SQL(TAKES_ROWS).format(**names))
    if cursor.fetchone()[0]:
        # Whoever had chosen DEFAULT for a row of this month would be refused there afterwards: let nobody choose.
        cursor.execute(sql.SQL("lock table {parent} in share row exclusive mode").format(**names))
    for statement in (
        "create table {new} (like {parent} including all)",
        # The owner may have no policy to delete (from a log); what leaves DEFAULT here arrives in the new partition.
        "alter table {default} no force row level security",
        "with moved as (delete from {default} where {column} >= {start} and {column} < {stop} returning *)"
        " insert into {new} select * from moved",
        "alter table {default} force row level security",
        "alter table {parent} attach partition {new} for values from ({start}) to ({stop})",
    ):
        cursor.execute(sql.SQL(statement).format(**names))
    protect_partition(cursor, monthly, name)


def protect_partition(cursor: Any, monthly: Monthly, name: str) -> None:
    """Partitions inherit neither policies nor grants: without its own, a partition would be an open table."""
    for statement in monthly.protect(quote(name)):
        cursor.execute(fill(statement))
