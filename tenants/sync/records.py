"""Records of files, as events: what a column means, and which file and line is at fault when one means nothing."""

import csv
import hashlib
import io
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import IO, Any
from uuid import UUID

from tenants.metrics.events import LONGEST_DIMENSIONS, NewEvent
from tenants.models.metrics import LARGEST
from tenants.sync.adapters import Source, SyncFailed

Record = dict[str, Any]
KNOWN = ("metric_key", "recorded_at", "value", "store_id", "event_id")
LONGEST_LINE = 2**20
LONGEST_ID = 300
# Nobody pauses for so long in the middle of a line.
LEFT_ALONE_SECONDS = 60


def read_lines(file: IO[bytes], name: str) -> Iterator[tuple[int, Record]]:
    """JSON lines; of a last line that is still being written nothing is read yet."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        if not line.strip():
            continue
        number += 1
        if len(line) > LONGEST_LINE:
            raise SyncFailed(f"{name}, record {number}: a line has at most {LONGEST_LINE} bytes.")
        record = _parse_line(line)
        if record is None and not line.endswith(b"\n"):
            return
        if record is None:
            raise SyncFailed(f"{name}, record {number}: this is no JSON object.")
        yield number, record


def _parse_line(line: bytes) -> Record | None:
    try:
        # Digits as they stand: a float would round money.
        record = json.loads(line, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def read_rows(file: IO[bytes], name: str) -> Iterator[tuple[int, Record]]:
    """CSV with a line of names; other columns are dimensions. A last line that may be cut off is not read yet."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    try:
        held: tuple[int, Record] | None = None
        for number, row in enumerate(csv.DictReader(text, strict=True), 1):
            if held:
                yield _take_row(name, *held)
            held = number, row
        if held and ends_whole(file):
            yield _take_row(name, *held)
    except (csv.Error, UnicodeDecodeError) as error:
        raise SyncFailed(f"{name} is no CSV file in UTF-8: {error}.") from None
    finally:
        text.detach()


def _take_row(name: str, number: int, row: Record) -> tuple[int, Record]:
    if None in row or None in row.values():
        raise SyncFailed(f"{name}, record {number}: it has more or fewer columns than the first line names.")
    return number, {key: value for key, value in row.items() if value != ""}


def ends_whole(file: IO[bytes]) -> bool:
    """Whether what was read to its end is not in the middle of a line, or was left so for a while."""
    end, left = file.tell(), time.time() - os.fstat(file.fileno()).st_mtime
    return not end or os.pread(file.fileno(), 1, end - 1) == b"\n" or abs(left) >= LEFT_ALONE_SECONDS


READERS: dict[str, Callable[[IO[bytes], str], Iterator[tuple[int, Record]]]] = {
    ".csv": read_rows,
    ".jsonl": read_lines,
    ".ndjson": read_lines,
}


def make_event(source: Source, name: str, number: int, record: Record) -> NewEvent:
    """One record; without an id of its own it is named after its place, so that reading it twice counts once."""
    try:
        return NewEvent(
            metric_key=_text(record, "metric_key", 100),
            recorded_at=_time(record),
            value=_number(record),
            store_id=_id(record) if record.get("store_id") else None,
            dimensions=_dimensions(record),
            client_event_id=_text(record, "event_id", LONGEST_ID)
            if record.get("event_id")
            else _name_place(source, name, number),
        )
    except (ValueError, InvalidOperation) as error:
        raise SyncFailed(f"{name}, record {number}: {error}") from None


def _text(record: Record, column: str, longest: int) -> str:
    value = record.get(column)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not _is_storable(value):
        raise ValueError(f"{column} is a text of one to {longest} characters.")
    return value


def _is_storable(text: str) -> bool:
    """PostgreSQL keeps neither a NUL nor half a character, which JSON can write."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _id(record: Record) -> UUID:
    try:
        return UUID(_text(record, "store_id", 36))
    except ValueError:
        raise ValueError(f"store_id is an id of a store, not {record['store_id']!r:.60}.") from None


def _time(record: Record) -> datetime:
    """Without an offset it is UTC."""
    try:
        read = datetime.fromisoformat(_text(record, "recorded_at", 40))
    except ValueError:
        raise ValueError("recorded_at is a time such as 2026-03-14T09:26:53Z.") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _number(record: Record) -> Decimal:
    value = record.get("value")
    try:
        read = Decimal(value) if isinstance(value, str | Decimal) else None
    except InvalidOperation:
        read = None
    # Not abs(): that rounds, and overflows where this only compares.
    if read is None or not read.is_finite() or read.copy_abs() > LARGEST:
        raise ValueError("value is a number of at most 18 digits before the point.")
    return round(read, 6)


def _dimensions(record: Record) -> str:
    said = record.get("dimensions", {})
    if not isinstance(said, dict):
        raise ValueError("dimensions is an object.")
    more = {key: value for key, value in record.items() if key not in (*KNOWN, "dimensions")}
    written = json.dumps({**said, **more}, default=str, ensure_ascii=False, allow_nan=False)
    if len(written) > LONGEST_DIMENSIONS:
        raise ValueError(f"dimensions have at most {LONGEST_DIMENSIONS} characters.")
    if "\\u0000" in written or not _is_storable(written):
        raise ValueError("a dimension holds a NUL or half a character, which PostgreSQL keeps nowhere.")
    return written


def _name_place(source: Source, name: str, number: int) -> str:
    place = f"{source.connection_id}|{name}|{number}"
    return f"sync:{hashlib.sha256(place.encode()).hexdigest()[:40]}"
