"""One process at a time decides for a conversion; its lock goes with its connection, also after a kill -9."""

import contextlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connection

from tenants.models import Conversion

# The first half of the advisory lock's key; the second is the conversion's number.
LOCK_CLASS = 0x7E4A47
HOLDER = """
select a.application_name, a.backend_start::timestamptz(0)::text
from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.classid = %s and l.objid = %s and l.objsubid = 2 and l.granted
    and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
"""


class CoordinatorBusy(RuntimeError):
    """Another process carries this conversion out right now."""


def process_name() -> str:
    """This process, as others know it: host:pid."""
    return f"{socket.gethostname()}:{os.getpid()}"


@contextmanager
def hold_lock(number: int) -> Iterator[bool]:
    """Hold the lock of a number until the block or the process ends; False where another process has it."""
    # A connection of its own, straight to the server: batches commit and reconnect, this lock stays.
    held = connection.copy()
    try:
        with held.cursor() as cursor:
            cursor.execute("select set_config('application_name', %s, false)", [f"tenantry {process_name()}"])
            cursor.execute("select pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, number])
            had = bool(cursor.fetchone()[0])
        yield had
    finally:
        # A closed connection lets go a moment later, and who looks meanwhile would find us still deciding.
        with contextlib.suppress(Error), held.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock_all()")
        held.close()


@contextmanager
def coordinate(conversion: Conversion, *, plan_file: str = "PLAN") -> Iterator[None]:
    """Be the one that decides, until the block or the process ends."""
    with hold_lock(conversion.number) as had:
        if not had:
            raise CoordinatorBusy(_describe_holder(conversion, plan_file))
        yield


def find_coordinator(conversion: Conversion) -> str:
    """Who carries a conversion out right now, as host:pid; empty: nobody."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDER, [LOCK_CLASS, conversion.number])
        row = cursor.fetchone()
    return row[0].removeprefix("tenantry ") if row else ""


def _describe_holder(conversion: Conversion, plan_file: str) -> str:
    who = find_coordinator(conversion) or "another process"
    return (
        f"Conversion {conversion.number} is being carried out by {who}. To help it fill rows, from any machine:"
        f" manage.py backfill_org_ids run --plan {plan_file} --join {conversion.number}"
    )
