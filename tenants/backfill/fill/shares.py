"""Shares of a table's rows: made once, claimed under a lease, fenced in every batch, and taken over from the dead.

Leases run by the database's clock. The token is the fence: a batch begins by locking its share by token, so a worker
that lost the lease writes nothing. Beside it stands a session lock made from the token: when the session is gone, so
is the lock, and nobody waits for the lease of a dead worker.
"""

import json
import uuid
from dataclasses import astuple, dataclass
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max

from tenants.backfill.fill.errors import LeaseLost
from tenants.backfill.fill.sessions import Row, Statement, ask_at_once, enter_role, leave_role
from tenants.backfill.fill.steps import Bounds, Cursor
from tenants.models import ConversionShare, ConversionTable, ShareState

# Tables with the fewest workers first: two in one table are in each other's way.
CLAIM = """
update conversion_shares s set state = 'taken', worker = %(worker)s, token = %(token)s,
    lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
from (
    select f.id from conversion_shares f
    join conversion_tables t on t.id = f.table_id
    cross join lateral (select hashtextextended(f.token::text, 0)) k (key)
    where t.conversion_id = %(conversion)s and t.state in ('working', 'held')
        and (f.state = 'open' or f.state = 'taken' and (f.lease_until < clock_timestamp() or not exists (
            select from pg_catalog.pg_locks l where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
                and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
                and l.classid::bigint = (k.key >> 32) & 4294967295 and l.objid::bigint = k.key & 4294967295)))
    order by (select count(*) from conversion_shares o where o.table_id = f.table_id and o.state = 'taken'
        and o.lease_until > clock_timestamp()), t.position, f.number
    limit 1 for update of f skip locked
) free
where s.id = free.id
returning s.id, s.table_id, s.number, s.bounds, s.cursor, s.batch_size, s.rows_passed, s.rows_changed
"""
FENCE = """
select s.cursor::text, c.paused_at is not null, s.lease_until
from conversion_shares s join conversion_tables t on t.id = s.table_id join conversions c on c.id = t.conversion_id
where s.id = %s and s.token = %s and s.state = 'taken' for update of s
"""
SAVE = """
update conversion_shares set cursor = %s::jsonb, rows_passed = rows_passed + %s, rows_changed = rows_changed + %s,
    batch_size = %s, state = %s, lease_until = clock_timestamp() + make_interval(secs => %s)
where id = %s and token = %s returning id
"""


@dataclass
class Share:
    """A share that this process holds."""

    id: uuid.UUID
    table_id: uuid.UUID
    number: int
    bounds: Bounds
    cursor: Cursor
    batch_size: int
    token: uuid.UUID


@dataclass(frozen=True)
class Progress:
    """How far a batch has brought its share, in the order in which it is saved."""

    passed: int
    changed: int
    size: int
    state: str
    lease_seconds: float


def make_shares(table: ConversionTable, bounds: list[Bounds]) -> None:
    """Write shares behind those that there are."""
    last = last_number(table.pk)
    ConversionShare.objects.bulk_create(
        ConversionShare(table=table, number=number, bounds=b) for number, b in enumerate(bounds, last + 1)
    )


def last_number(table_id: uuid.UUID) -> int:
    """The number of a table's newest share."""
    last = ConversionShare.objects.filter(table_id=table_id).aggregate(last=Max("number"))["last"]
    return int(last or 0)


def claim_share(conversion_id: uuid.UUID, *, worker: str, lease_seconds: float) -> Share | None:
    """Take a share that is free, or whose worker is gone or silent."""
    token = uuid.uuid4()
    with connection.cursor() as db:
        db.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [str(token)])
        values: dict[str, Any] = {"worker": worker, "token": token, "lease": lease_seconds, "conversion": conversion_id}
        db.execute(CLAIM, values)
        row = db.fetchone()
        if row is None:
            _unlock(db, token)
            return None
    share_id, table_id, number, bounds, cursor, size, _, _ = row
    return Share(share_id, table_id, number, _read_json(bounds), _read_json(cursor), size, token)


def open_batch(db: CursorWrapper, share: Share, *settings: Statement) -> tuple[bool, str]:
    """Begin a batch, in one message. Tells whether the conversion is paused, and the role to go back to."""
    *_, fence, role = ask_at_once(db, *settings, _ask_fence(share), enter_role())
    return _read_fence(share, fence), str(role[0] if role else "none")


def close_batch(db: CursorWrapper, share: Share, progress: Progress, before: str) -> None:
    """End a batch, in one message: back to the role before, and the cursor beside the rows it stands for."""
    _read_save(share, ask_at_once(db, leave_role(before), _ask_save(share, progress))[-1])


def fence_share(db: CursorWrapper, share: Share) -> bool:
    """Lock the share for this transaction, refresh its cursor, and tell whether the conversion is paused."""
    return _read_fence(share, ask_at_once(db, _ask_fence(share))[0])


def save_share(db: CursorWrapper, share: Share, progress: Progress) -> None:
    """Write the cursor of a share that no batch has moved."""
    _read_save(share, ask_at_once(db, _ask_save(share, progress))[0])


def _ask_fence(share: Share) -> Statement:
    return FENCE, [share.id, share.token]


def _read_fence(share: Share, row: Row) -> bool:
    if row is None:
        raise LeaseLost(f"share {share.number} was taken over: this worker was silent for longer than its lease")
    share.cursor = _read_json(row[0])
    return bool(row[1])


def _ask_save(share: Share, progress: Progress) -> Statement:
    cursor = None if share.cursor is None else json.dumps(share.cursor)
    return SAVE, [cursor, *astuple(progress), share.id, share.token]


def _read_save(share: Share, row: Row) -> None:
    if row is None:
        raise LeaseLost(f"share {share.number} could not save its cursor")


def renew_lease(share: Share, lease_seconds: float) -> None:
    """Keep a share through a pause in the work."""
    with transaction.atomic(), connection.cursor() as db:
        db.execute(
            "update conversion_shares set lease_until = clock_timestamp() + make_interval(secs => %s)"
            " where id = %s and token = %s and state = 'taken'",
            [lease_seconds, share.id, share.token],
        )
        if not db.rowcount:
            raise LeaseLost(f"share {share.number} was taken over while this worker was held")


def release_share(share: Share) -> None:
    """Give back what is not finished, so that another worker need not wait for the lease."""
    with connection.cursor() as db:
        db.execute(
            "update conversion_shares set state = 'open', token = null, lease_until = null, worker = ''"
            " where id = %s and token = %s and state = 'taken'",
            [share.id, share.token],
        )
        _unlock(db, share.token)


def forget_lock(share: Share) -> None:
    """End the session lock of a share that is done or lost."""
    with connection.cursor() as db:
        _unlock(db, share.token)


def park_rows(share: Share, bounds: Bounds, reason: str) -> None:
    """Set rows that always fail aside as a share of their own; call it in the transaction that moves the cursor."""
    ConversionShare.objects.create(
        table_id=share.table_id,
        number=last_number(share.table_id) + 1,
        bounds=bounds,
        state=ShareState.PARKED,
        reason=reason,
    )


def _unlock(db: CursorWrapper, token: uuid.UUID) -> None:
    db.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [str(token)])


def _read_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
