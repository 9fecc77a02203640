"""Reads what a piece of work left in the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from audit.models import AuditLog


@contextmanager
def logged_rows() -> Iterator[list[Any]]:
    """A list that holds, after the block, what was logged during it; in the order of writing."""
    before = set(AuditLog.objects.values_list("pk", flat=True))
    rows: list[Any] = []
    yield rows
    rows += AuditLog.objects.exclude(pk__in=before).order_by("created_at", "id")


def changes(rows: list[Any]) -> list[tuple[str, str]]:
    """What was done to which table, sorted: triggers fire in an order of their own."""
    return sorted((row.action, row.table_name) for row in rows)


def actors(rows: list[Any]) -> set[str]:
    return {row.actor for row in rows}
