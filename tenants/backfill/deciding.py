"""Deciding quarantined rows by hand: a person names their organization, the next `run` writes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants.models import Conversion, ConversionTable, Organization, QuarantinedRow

JOB = "backfill_org_ids"


class DecisionRefused(ValueError):
    """A decision that names something that is not there; nothing was recorded."""


@dataclass(frozen=True)
class WaitingRow:
    """A row that waits, as a person reads it."""

    id: UUID
    table: str
    key: dict[str, str]
    reason: str
    sentence: str
    candidates: dict[str, str]
    """Organizations that its person is in: slugs by id."""
    decided: str
    """The slug that was chosen already; empty: none."""


def find_waiting(conversion: Conversion, *, table: str = "") -> QuerySet[QuarantinedRow]:
    """Rows that have no organization yet, those decided for the next run included."""
    rows = QuarantinedRow.objects.filter(table__conversion=conversion, applied_at=None).order_by(
        "table__position", "id"
    )
    return rows.filter(table=_find_table(conversion, table)) if table else rows


def describe_rows(rows: Iterable[QuarantinedRow]) -> list[WaitingRow]:
    """With the slugs of what could be meant."""
    known = list(rows)
    ids = {org for row in known for org in [*row.candidates, row.decided_org_id] if org}
    slugs = dict(Organization.objects.filter(pk__in=ids).values_list("pk", "slug"))
    return [
        WaitingRow(
            id=row.pk,
            table=row.table.name,
            key=row.row_key,
            reason=row.reason,
            sentence=row.get_reason_display(),
            candidates={str(org): slugs.get(org, str(org)) for org in row.candidates},
            decided=slugs.get(row.decided_org_id, "") if row.decided_org_id else "",
        )
        for row in known
    ]


def decide_rows(
    conversion: Conversion, *, org: str, actor: str, table: str = "", keys: Iterable[str] = (), everything: bool = False
) -> int:
    """Record where rows belong, all of them or none; a later decision replaces one that was not written yet."""
    found = Organization.objects.filter(slug=org).first()
    if found is None:
        raise DecisionRefused(f"There is no organization {org}; nothing was decided.")
    rows = find_waiting(conversion, table=table)
    wanted = {_read_id(key) for key in keys}
    with transaction.atomic():
        if not everything:
            rows = rows.filter(pk__in=wanted)
        ids = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
        if missing := sorted(map(str, wanted - set(ids))):
            raise DecisionRefused(
                f"No row waits by the id {', '.join(missing)}{f' in {table}' if table else ''}; nothing was decided."
            )
        QuarantinedRow.objects.filter(pk__in=ids).update(decided_org=found, decided_by=actor, decided_at=timezone.now())
    return len(ids)


def _find_table(conversion: Conversion, name: str) -> ConversionTable:
    table = ConversionTable.objects.filter(conversion=conversion, name=name).first()
    if table is None:
        raise DecisionRefused(f"Conversion {conversion.number} has no table {name}; write it as status shows it.")
    return table


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise DecisionRefused(f"{text} is no id of a row that waits: the list shows them.") from error
