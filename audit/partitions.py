"""The log's partitions, by month."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from audit.protection import protect_log
from postgres.partitions import Monthly, make_default, make_months

LOG = Monthly("audit_logs", "created_at", lambda table: protect_log(table, readers=False))


def make_log_partitions(cursor: Any) -> list[str]:
    """DEFAULT, this month and the months ahead; return what was missing."""
    make_default(cursor, LOG)
    return make_months(cursor, LOG, timezone.now().date(), settings.TENANTRY_MONTHS_AHEAD + 1)
