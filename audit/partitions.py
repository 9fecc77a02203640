"""The log's partitions, by month."""

from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone

from audit.protection import protect_log
from postgres.partitions import Monthly, make_due

LOG = Monthly("audit_logs", "created_at", lambda table: protect_log(table, readers=False))


def make_log_partitions(cursor: Any) -> list[str]:
    """DEFAULT, this month and the months ahead, and the months that DEFAULT had to take; return what was missing."""
    return make_due(cursor, LOG, *months_ahead())


def months_ahead() -> tuple[date, int]:
    """From this month on, as many as are always to be there."""
    return timezone.now().date(), settings.TENANTRY_MONTHS_AHEAD + 1
