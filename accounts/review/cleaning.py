"""Cleaning: a preview that keeps every row as it is, then one batch that removes those which still are so."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import CleaningBatch, CleaningRow, CleaningState, Outcome, User
from accounts.review.batches import lock_parts
from accounts.review.looking import ANY_TIME, Window
from accounts.review.reach import acting, find_reach, name_actor, take_turn
from accounts.review.statements import joining_sets, run, statement
from postgres.keys import new_id
from tenants.errors import Conflict
from tenants.verbs import verb

NOTHING_LEFT = "None of these findings has a row left that could go. Look again, then choose anew."
# In the order in which they come back: a place in a workspace needs its membership.
TABLES = ("org_members", "workspace_members", "user_dso_access")


@verb
def preview_cleaning(finding_ids: Collection[UUID], *, actor: User | None = None, window: Window = ANY_TIME) -> UUID:
    """Keep what would go, row by row, and return the batch; nothing is removed, and accepted findings stay out.

    With a window only access rows granted in it go, whatever found them.
    """
    find_reach()
    take_turn()
    batch_id = new_id()
    values = {"ids": list(finding_ids), "batch": batch_id, "actor": name_actor(actor), **window.as_values()}
    with joining_sets():
        run(statement("begin_parts"), values)
    values["parts"] = list(CleaningBatch.objects.filter(batch_id=batch_id).values_list("pk", flat=True))
    with joining_sets():
        for step in ("plan_access",) if window else ("plan_members", "plan_workspaces", "plan_access"):
            run(statement(step), values)
        run(statement("finish_preview"), values)
    if not CleaningRow.objects.filter(batch_id__in=values["parts"]).exists():
        raise Conflict(NOTHING_LEFT, "nothing-left")
    return batch_id


@verb
def apply_cleaning(batch_id: UUID, *, reason: str, actor: User | None = None, despite_warnings: bool = False) -> None:
    """Remove what the preview showed and still stands as it did; the rest is skipped and says why."""
    reason = reason.strip()
    if not reason:
        raise Conflict("Say why: the reason stands beside every removed row in the log.", "reason-missing")
    take_turn()
    parts = lock_parts(batch_id, CleaningState.PREVIEW)
    if not despite_warnings and any(part.warnings() for part in parts):
        raise Conflict("The preview warns: confirm that you have read it.", "warnings")
    values: dict[str, Any] = {"parts": [part.pk for part in parts], "at": timezone.now()}
    with acting(actor, reason=reason, batch_id=batch_id), joining_sets():
        for step in ("lock_members", "remove_members", "remove_access"):
            run(statement(step), values)
        for table in TABLES:
            run(statement("mark_skipped", table=table), values)
        run(statement("close_cleaned"), values)
        _of(parts).update(
            state=CleaningState.APPLIED, reason=reason, applied_by=name_actor(actor), applied_at=values["at"]
        )


@verb
def delete_old_previews(before: Any) -> int:
    """Forget previews that nobody applied; the owner's, for nobody else may delete a batch."""
    old = CleaningBatch.objects.filter(state=CleaningState.PREVIEW, created_at__lt=before)
    return old._raw_delete(old.db)


def removes_members(batch_id: UUID) -> bool:
    """Whether memberships end with this batch."""
    return CleaningRow.objects.filter(
        batch__batch_id=batch_id, table_name="org_members", outcome__in=(Outcome.PLANNED, Outcome.REMOVED)
    ).exists()


def _of(parts: list[CleaningBatch]) -> Any:
    return CleaningBatch.objects.filter(pk__in=[part.pk for part in parts])
