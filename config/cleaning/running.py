"""What the command does: look, preview, and apply or take everything back."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from accounts.models import AccessFinding, CleaningBatch, FindingState, Outcome
from accounts.review.batches import PersonCount, count_outcomes, count_people, parts_of
from accounts.review.cleaning import NOTHING_LEFT, apply_cleaning, preview_cleaning
from accounts.review.detectors import choose_detectors
from accounts.review.looking import Seen, Window, look_for_findings
from accounts.review.reach import JOB
from accounts.review.undo import undo_cleaning
from tenants.errors import Conflict
from tenants.scope import owner_scope


@dataclass(frozen=True)
class Wish:
    """What somebody typed."""

    org_id: UUID | None
    names: list[str]
    window: Window
    dry_run: bool
    reason: str
    despite_warnings: bool


@dataclass(frozen=True)
class Answer:
    """What was found, and what became or would become of it."""

    found: dict[str, int]
    dry_run: bool = False
    needs_confirmation: bool = False
    batch_id: UUID | None = None
    parts: list[CleaningBatch] = field(default_factory=list)
    people: list[PersonCount] = field(default_factory=list)
    outcomes: dict[Outcome, int] = field(default_factory=dict)

    @property
    def warnings(self) -> list[str]:
        return [warning for part in self.parts for warning in part.warnings()]


def clean(wish: Wish) -> Answer:
    """Look, then remove; a dry run and one that only warns leave nothing behind, not even what they found."""
    with owner_scope(job=JOB, reason=wish.reason):
        seen = _look(wish)
        ids = _seen_now(wish, seen)
        answer = _preview(wish, seen, ids) if wish.names and ids else Answer(seen.found, wish.dry_run)
    if answer.dry_run or answer.needs_confirmation:
        transaction.set_rollback(True)
    return answer


def _look(wish: Wish) -> Seen:
    """Without names every detector is asked, and with a window the one that needs it."""
    names = wish.names or [d.name for d in choose_detectors(None)]
    return look_for_findings(org_id=wish.org_id, names=names, window=wish.window)


def _seen_now(wish: Wish, seen: Seen) -> list[UUID]:
    found = AccessFinding.objects.filter(detector__in=seen.found, last_seen=seen.at, state=FindingState.OPEN)
    if wish.org_id:
        found = found.filter(org_id=wish.org_id)
    return list(found.values_list("pk", flat=True))


def _preview(wish: Wish, seen: Seen, ids: list[UUID]) -> Answer:
    try:
        batch_id = preview_cleaning(ids, window=wish.window)
    except Conflict as conflict:
        if conflict.sentence != NOTHING_LEFT:
            raise
        return Answer(seen.found, wish.dry_run)
    parts = parts_of(batch_id)
    # Before the rows go: afterwards nobody could say what stays beside them.
    people = list(count_people(parts))
    warned = any(part.warnings() for part in parts) and not wish.despite_warnings
    if not (wish.dry_run or warned):
        apply_cleaning(batch_id, reason=wish.reason, despite_warnings=True)
    return Answer(
        seen.found,
        wish.dry_run,
        warned and not wish.dry_run,
        None if wish.dry_run or warned else batch_id,
        parts_of(batch_id),
        people,
        count_outcomes(parts),
    )


def undo(batch_id: UUID) -> Answer:
    """Restore a batch in every organization."""
    with owner_scope(job=JOB):
        undo_cleaning(batch_id)
        parts = parts_of(batch_id)
        return Answer({}, batch_id=batch_id, parts=parts, outcomes=count_outcomes(parts))
