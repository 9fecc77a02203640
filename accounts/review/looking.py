"""Looking: detectors go through organizations; what they find is stored, and what is no longer so is closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.review.detectors import DETECTORS, Detector, choose_detectors
from accounts.review.reach import bounds_of, find_reach, reading_people, take_turn
from accounts.review.statements import run, statement
from audit.events import log_event
from tenants.errors import Conflict
from tenants.verbs import verb

GRANTED = "granted"


@dataclass(frozen=True)
class Window:
    """When access was granted, and by whom: what is known about a mistake."""

    since: datetime | None = None
    until: datetime | None = None
    granted_by: str = ""

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.granted_by)

    def as_values(self) -> dict[str, Any]:
        return {"since": self.since, "until": self.until, "granted_by": self.granted_by.strip() or None}


ANY_TIME = Window()


@dataclass(frozen=True)
class Seen:
    """What one look found: findings by detector, and when."""

    at: datetime
    found: dict[str, int]


@verb
def look_for_findings(
    *,
    actor: User | None = None,
    org_id: UUID | None = None,
    names: list[str] | None = None,
    window: Window = ANY_TIME,
) -> Seen:
    """Look through the organizations in reach; without names, with every detector that needs no window."""
    reach = find_reach(org_id)
    chosen = choose_detectors(names)
    if window.since and window.until and window.since >= window.until:
        raise Conflict("The window ends before it begins.", "empty-window")
    if not window and any(d.on_demand for d in chosen):
        raise Conflict("Say when it was granted, or by whom: without that every access row would be a finding.")
    with reading_people(actor):
        take_turn()
        values = {"at": timezone.now(), **bounds_of(reach), **window.as_values(), "patience": _patience()}
        found = {detector.name: _look(detector, values) for detector in chosen}
        for detector in DETECTORS:
            if detector.on_demand:
                _refresh(detector, values)
        if actor:
            _log_look(reach, found)
    return Seen(values["at"], found)


def _look(detector: Detector, values: dict[str, Any]) -> int:
    parts = {"within": statement("within"), "detector": detector.statement}
    named = {**values, "detector": detector.name}
    found = run(statement("store_findings", **parts), named)
    if not detector.on_demand:
        run(statement("close_unseen"), named)
    return found


def _refresh(detector: Detector, values: dict[str, Any]) -> None:
    named = {**values, "detector": detector.name}
    run(statement("close_vanished"), named)
    run(statement("reopen_lapsed"), named)


def _patience() -> str:
    return f"{settings.TENANTRY_NEVER_SIGNED_IN_DAYS} days"


def _log_look(org_id: UUID | None, found: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        log_event(cursor, "access_review.look", table="access_findings", org_id=org_id, found=found)
