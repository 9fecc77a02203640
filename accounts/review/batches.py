"""Reading a batch: its parts in scope, what became of its rows, and what it means for each person."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from accounts.models import CleaningBatch, CleaningRow, CleaningState, Outcome
from accounts.review.statements import fetch, statement
from tenants.errors import Conflict, NotFound

WRONG_STATE = {
    CleaningState.PREVIEW: "This is a preview: nothing was removed yet.",
    CleaningState.APPLIED: "This cleaning was applied already; look at its result.",
    CleaningState.UNDONE: "This cleaning was undone already.",
}


@dataclass(frozen=True)
class PersonCount:
    """One person of a batch in one organization."""

    organization: str
    email: str
    access_rows: int
    still_there: int
    present: int
    membership_ends: bool
    org_id: UUID
    user_id: UUID

    @property
    def stays(self) -> int:
        """Access rows that the person keeps."""
        return self.present - self.still_there


def parts_of(batch_id: UUID) -> list[CleaningBatch]:
    """The parts that the scope reaches, with their organizations."""
    parts = CleaningBatch.objects.filter(batch_id=batch_id).select_related("org").order_by("org__name", "pk")
    return list(parts)


def lock_parts(batch_id: UUID, expected: CleaningState) -> list[CleaningBatch]:
    """The same, held until the transaction ends; refused unless all of them are in this state."""
    parts = list(CleaningBatch.objects.select_for_update().filter(batch_id=batch_id).order_by("pk"))
    if not parts:
        raise NotFound(f"There is no cleaning {batch_id}.")
    for part in parts:
        if part.state != expected:
            raise Conflict(WRONG_STATE[CleaningState(part.state)], "wrong-state")
    return parts


def count_outcomes(parts: list[CleaningBatch]) -> dict[Outcome, int]:
    """How many rows there are of each outcome, in the order of the outcomes."""
    rows = CleaningRow.objects.filter(batch__in=[part.pk for part in parts]).order_by()
    counts = dict(rows.values_list("outcome").annotate(Count("pk")))
    return {outcome: counts[outcome] for outcome in Outcome if outcome in counts}


def count_people(parts: list[CleaningBatch], *, limit: int | None = None, offset: int = 0) -> Iterator[PersonCount]:
    """What goes and what stays, person by person."""
    values = {"parts": [part.pk for part in parts], "limit": limit, "offset": offset}
    return (PersonCount(*row) for row in fetch(statement("count_people"), values))


def count_persons(parts: list[CleaningBatch]) -> int:
    """How many lines that makes."""
    rows = CleaningRow.objects.filter(batch__in=[part.pk for part in parts]).order_by()
    return rows.values("org_id", "user_id", "email_lower").distinct().count()


def rows_of(parts: list[CleaningBatch]) -> QuerySet[CleaningRow]:
    """The rows, person by person."""
    rows = CleaningRow.objects.filter(batch__in=[part.pk for part in parts])
    return rows.order_by("org_id", "email_lower", "table_name", "shown", "row_id")
