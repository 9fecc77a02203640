"""Retention by month: a month of the log goes only when all of it is sealed and the chains are whole."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from audit.events import log_event
from audit.partitions import LOG
from audit.verification import verify_log
from postgres.partitions import list_partitions, months_before

JOB = "retire_log"
LOCK_TIMEOUT = "500ms"
UNSEALED = """
select count(*) from {partition} l where not exists (select from private.audit_seals s
    where s.org_id = l.org_id and s.created_at = l.created_at and s.log_id = l.id)
"""


class RetentionRefused(Exception):
    """A month that may not go yet."""


def due_months(cursor: Any, *, today: date | None = None) -> list[str]:
    """Partitions of months older than those that are kept, oldest first; none when retention is off."""
    keep = settings.TENANTRY_LOG_RETENTION_MONTHS
    if keep <= 0:
        return []
    limit = f"{LOG.table}_{months_before(today or timezone.now().date(), keep):%Y_%m}"
    return [name for name in list_partitions(cursor, LOG) if name != LOG.default and name < limit]


def retire_month(partition: str) -> None:
    """Drop one month: its links become runs, on whose last hash the rest of each chain stands."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            "select set_config('tenantry.job', %s, true), set_config('lock_timeout', %s, true)", [JOB, LOCK_TIMEOUT]
        )
        cursor.execute("select pg_advisory_xact_lock(hashtext('tenantry sealing'))")
        refuse_unless_whole(cursor, partition)
        year, month = (int(part) for part in partition.removeprefix(f"{LOG.table}_").split("_"))
        cursor.execute("select private.retire_seals(%s)", [date(year, month, 1)])
        rows = cursor.fetchone()[0]
        cursor.execute(sql.SQL("drop table {}").format(sql.Identifier(partition)))
        log_event(cursor, "audit.month_retired", table=partition, rows=rows)


def refuse_unless_whole(cursor: Any, partition: str) -> None:
    cursor.execute(sql.SQL(UNSEALED).format(partition=sql.Identifier(partition)))
    unsealed = cursor.fetchone()[0]
    if unsealed:
        raise RetentionRefused(
            f"{partition} has {unsealed} rows without a seal: let manage.py maintain seal them first."
        )
    faults = verify_log(cursor).faults
    if faults:
        raise RetentionRefused(
            f"{partition} stays, for the log is not whole ({faults[0].sentence(f'org {faults[0].org_id}')})"
            " See all of it: manage.py verify_audit"
        )
