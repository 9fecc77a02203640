"""The evidence of a batch, to keep: every row with why it was in it and what became of it, as CSV and as JSON."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from accounts.models import CleaningBatch, CleaningRow
from accounts.review.batches import count_outcomes, rows_of
from audit.spreadsheets import defuse

AT_A_TIME = 2_000
COLUMNS = (
    "organization",
    "person",
    "table",
    "row_id",
    "what",
    "granted_at",
    "granted_by",
    "expires_at",
    "evidence",
    "outcome",
)


def as_csv(parts: list[CleaningBatch]) -> str:
    """One line for each row; cells that a spreadsheet would run are quoted."""
    out = io.StringIO()
    lines = (describe_row(row, name) for row, name in _rows(parts))
    writer = csv.DictWriter(out, fieldnames=COLUMNS)
    writer.writeheader()
    writer.writerows({name: defuse(value) for name, value in line.items()} for line in lines)
    return out.getvalue()


def as_json(parts: list[CleaningBatch]) -> str:
    """The batch, its parts, and every row with its whole image."""
    described = {
        "batch": str(parts[0].batch_id),
        "organizations": [_describe_part(part) for part in parts],
        "outcomes": {outcome.value: count for outcome, count in count_outcomes(parts).items()},
        "rows": [describe_row(row, name) | {"data": row.data} for row, name in _rows(parts)],
    }
    return json.dumps(described, indent=2, default=str, ensure_ascii=False)


def describe_row(row: CleaningRow, organization: str) -> dict[str, str]:
    """One row as the evidence tells it."""
    told = {name: row.data.get(name) or "" for name in ("granted_at", "granted_by", "expires_at")}
    return {
        "organization": organization,
        "person": row.email_lower,
        "table": row.table_name,
        "row_id": str(row.row_id),
        "what": row.shown,
        **told,
        "evidence": row.evidence,
        "outcome": row.get_outcome_display(),
    }


def _describe_part(part: CleaningBatch) -> dict[str, Any]:
    names = ("state", "reason", "made_by", "created_at", "applied_by", "applied_at", "undone_by", "undone_at")
    counts = ("access_rows", "planned_rows", "last_owners")
    return {"organization": part.org.name, "slug": part.org.slug} | {n: getattr(part, n) for n in (*names, *counts)}


def _rows(parts: list[CleaningBatch]) -> Iterator[tuple[CleaningRow, str]]:
    names = {part.org_id: part.org.name for part in parts}
    return ((row, names[row.org_id]) for row in rows_of(parts).iterator(AT_A_TIME))
