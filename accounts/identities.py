"""Giving every user the organization that their tokens are for: what an old application's sessions read first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from tenants.backfill.batches import forget_job, run_batches
from tenants.backfill.keyset import Keyset
from tenants.backfill.progress import Progress
from tenants.backfill.ranges import Range

JOB = "backfill_org_ids identities"
BATCH_MS, LOCK_MS = 50, 100

# A choice or a claim that is still good stays; other keys of app_metadata are nobody's business here.
GIVE_ORG = """
update users u set
    active_org_id = found.org_id,
    app_metadata = u.app_metadata || jsonb_build_object('org_id', found.org_id)
from (select p.id, private.active_org_of(p.id) as org_id from users p where {condition}) found
where u.id = found.id and found.org_id is not null
    and (u.active_org_id, u.app_metadata ->> 'org_id') is distinct from (found.org_id, found.org_id::text)
"""
LEFT_OUT = """
select count(*), (array_agg(email order by email))[:5] from users
where is_active and not is_staff and private.active_org_of(id) is null
"""
BEHIND = """
select count(*) from users u, lateral (select private.active_org_of(u.id)) found (org_id)
where found.org_id is not null
    and (u.active_org_id, u.app_metadata ->> 'org_id') is distinct from (found.org_id, found.org_id::text)
"""
users = Keyset("users", "id")


@dataclass(frozen=True)
class LeftOut:
    """People without an active membership in an active organization: no token can be for one."""

    count: int
    emails: tuple[str, ...]


def give_identities(*, batch_ms: int = BATCH_MS, lock_ms: int = LOCK_MS) -> Iterator[Progress]:
    """Set `app_metadata.org_id` and the active organization of every user; the same call goes on after a kill."""
    yield from run_batches(JOB, next_range=users, apply=_give_orgs, batch_ms=batch_ms, lock_ms=lock_ms)
    # People change organizations: the next call looks at everybody again.
    forget_job(JOB)


def _give_orgs(db: CursorWrapper, rows: Range) -> int:
    db.execute(sql.SQL(GIVE_ORG).format(condition=users.condition(rows, alias="p")))
    return int(db.rowcount)


def count_behind() -> int:
    """How many users `give_identities` would change."""
    return int(_ask(BEHIND)[0])


def find_left_out() -> LeftOut:
    """Who cannot have an identity, staff aside."""
    count, emails = _ask(LEFT_OUT)
    return LeftOut(count, tuple(emails or ()))


def _ask(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()
