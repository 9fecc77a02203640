"""What people do about findings: count them, accept one with a reason and an end, open it again."""

import json
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import AccessFinding, FindingState, User
from accounts.review.reach import find_reach, name_actor, take_turn
from tenants.errors import Conflict
from tenants.verbs import verb

# One event for each, in one statement, however many there are.
LOG_DECISIONS = """
select count(log_event(%(event)s, f.org_id, 'access_findings', f.id::text, %(details)s::jsonb))
from access_findings f where f.id = any(%(ids)s)
"""


def open_findings() -> QuerySet[AccessFinding]:
    """What waits for a decision, in the organizations that the scope reaches."""
    org_id = find_reach()
    waiting = AccessFinding.objects.filter(state=FindingState.OPEN)
    return waiting.filter(org_id=org_id) if org_id else waiting


def count_open_findings(limit: int | None = None) -> int:
    """How many wait for a decision in the organizations that the scope reaches; never counts beyond the limit."""
    waiting = open_findings().order_by().values("pk")
    return waiting[:limit].count() if limit else waiting.count()


def count_by_detector(names: Collection[str], limit: int) -> dict[str, int]:
    """The same for each detector."""
    return {name: open_findings().filter(detector=name).order_by().values("pk")[:limit].count() for name in names}


@verb
def accept_findings(ids: Collection[UUID], *, reason: str, until: datetime, actor: User | None = None) -> int:
    """Say why these are right: they do not come back before the day, unless there are more rows to them."""
    reason = reason.strip()
    if not reason:
        raise Conflict("Say why this access is right.", "reason-missing")
    if until <= timezone.now():
        raise Conflict("An acceptance ends in the future.", "ends-in-the-past")
    take_turn()
    chosen = AccessFinding.objects.filter(pk__in=ids, state=FindingState.OPEN)
    accepted = list(chosen.values_list("pk", flat=True))
    AccessFinding.objects.filter(pk__in=accepted).update(
        state=FindingState.ACCEPTED,
        accept_reason=reason,
        accepted_until=until,
        accepted_at=timezone.now(),
        accepted_by=name_actor(actor),
        accepted_ids=F("row_ids"),
    )
    _log_decisions("finding.accept", accepted, reason=reason, until=until.isoformat())
    return len(accepted)


@verb
def reopen_findings(ids: Collection[UUID], *, actor: User | None = None) -> int:
    """Take an acceptance back."""
    take_turn()
    chosen = AccessFinding.objects.filter(pk__in=ids, state=FindingState.ACCEPTED)
    opened = list(chosen.values_list("pk", flat=True))
    AccessFinding.objects.filter(pk__in=opened).update(
        state=FindingState.OPEN,
        accept_reason="",
        accepted_until=None,
        accepted_at=None,
        accepted_by="",
        accepted_ids=[],
    )
    _log_decisions("finding.reopen", opened)
    return len(opened)


def _log_decisions(event: str, ids: list[UUID], **details: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOG_DECISIONS, {"event": event, "ids": ids, "details": json.dumps(details)})
