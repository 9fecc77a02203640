"""The log as a file: streamed row by row in a scope of its own, capped, and safe to open in a spreadsheet."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from audit.spreadsheets import defuse
from tenants.admin.base import scope_of
from tenants.scope import staff_scope

LIMIT = 100_000
AT_ONCE = 1_000
COLUMNS = (
    "created_at",
    "org_id",
    "actor",
    "user_id",
    "impersonator_id",
    "surface",
    "action",
    "table_name",
    "record_id",
    "old_data",
    "new_data",
    "reason",
    "request_id",
    "batch_id",
    "id",
)
CAPPED = f"Only the newest {LIMIT:,} entries are in this file: narrow the filters for the others."
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


def export_rows(request: HttpRequest, rows: Any, kind: str) -> StreamingHttpResponse:
    """A file that begins to arrive at once, however long it is."""
    write: Callable[[Iterable[dict[str, Any]]], Iterator[str]] = WRITERS[kind]
    lines = write(_read_rows(request, rows))
    name = f"audit-log-{timezone.now():%Y-%m-%d-%H%M}.{kind}"
    return StreamingHttpResponse(
        lines, content_type=TYPES[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _read_rows(request: HttpRequest, rows: Any) -> Iterator[dict[str, Any]]:
    """Read when the request's own transaction is over: with the same claims, in one of its own."""
    scope = scope_of(request)
    claims = {"all_orgs": scope.all_orgs, "request_id": request.request_id}  # type: ignore[attr-defined]
    with transaction.atomic(), staff_scope(request.user.pk, scope.org_id, **claims):  # type: ignore[arg-type]
        # By a cursor on the server, which web processes go without elsewhere: within a transaction a pooler keeps it.
        yield from rows.values(*COLUMNS)[: LIMIT + 1]._iterator(use_chunked_fetch=True, chunk_size=AT_ONCE)


def write_csv(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One line for each entry; what a spreadsheet would run is quoted."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows):
        if number == LIMIT:
            writer.writerow([CAPPED])
            break
        writer.writerow([defuse(_as_text(row[column])) for column in COLUMNS])
        if number % AT_ONCE == 0:
            yield _take(out)
    yield _take(out)


def write_json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One object on each line."""
    for number, row in enumerate(rows):
        if number == LIMIT:
            yield json.dumps({"capped": CAPPED}) + "\n"
            break
        yield json.dumps(row, default=_as_text, ensure_ascii=False) + "\n"


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _take(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


WRITERS = {"csv": write_csv, "jsonl": write_json_lines}
