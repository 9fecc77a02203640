"""Undo: every row of a batch comes back exactly as it was, except where it would point to nothing."""

from uuid import UUID

from django.utils import timezone

from accounts.models import CleaningBatch, CleaningState, User
from accounts.review.batches import lock_parts
from accounts.review.reach import acting, name_actor, reading_people, take_turn
from accounts.review.statements import joining_sets, run, statement
from tenants.verbs import verb


@verb
def undo_cleaning(batch_id: UUID, *, actor: User | None = None) -> None:
    """Restore ids, columns and times; rows whose person, DSO or workspace is gone say so instead."""
    take_turn()
    parts = lock_parts(batch_id, CleaningState.APPLIED)
    values = {"parts": [part.pk for part in parts]}
    with reading_people(actor), joining_sets():
        run(statement("refuse_restoring"), values)
    with acting(actor, reason=f"undo: {parts[0].reason}", batch_id=batch_id), joining_sets():
        run(statement("restore_rows", table="org_members"), values)
        run(statement("refuse_homeless"), values)
        for table in ("workspace_members", "user_dso_access"):
            run(statement("restore_rows", table=table), values)
        run(statement("reopen_restored"), values)
        CleaningBatch.objects.filter(pk__in=values["parts"]).update(
            state=CleaningState.UNDONE, undone_by=name_actor(actor), undone_at=timezone.now()
        )
