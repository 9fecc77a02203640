"""The heads of the chains, copied to where this database does not reach: only they can show that an end was cut off."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict
from uuid import UUID

from django.utils import timezone

PREFIX = "heads-"
HASH_BYTES = 32


class Head(TypedDict):
    """Where a chain ends: the last position and its hash."""

    org_id: str
    position: int
    hash: str
    sealed_at: str


class HeadsRefused(Exception):
    """A file that holds no heads, or heads that the database no longer bears out."""


def read_heads(cursor: Any) -> list[Head]:
    """The heads as they stand in the database."""
    cursor.execute(
        "select org_id::text, position, encode(hash, 'hex'), sealed_at from private.audit_heads order by org_id"
    )
    return [
        Head(org_id=org, position=position, hash=digest, sealed_at=sealed_at.isoformat())
        for org, position, digest, sealed_at in cursor.fetchall()
    ]


def load_heads(path: Path) -> list[Head]:
    """The heads in a file, or in every file of a folder, oldest first."""
    files = sorted(path.glob(f"{PREFIX}*.json")) if path.is_dir() else [path]
    if not files:
        raise HeadsRefused(f"{path} holds no {PREFIX}*.json: type manage.py verify_audit --export FOLDER first.")
    return [head for file in files for head in _load_file(file)]


def export_heads(cursor: Any, folder: Path, *, now: datetime | None = None) -> Path:
    """Write today's heads, whole or not at all; the files of earlier days stay."""
    try:
        return _write_heads(cursor, folder, now)
    except OSError as error:
        raise HeadsRefused(f"{folder} cannot be written ({error.strerror}): name a folder of yours.") from error


def _write_heads(cursor: Any, folder: Path, now: datetime | None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    moment = now or timezone.now()
    target = folder / f"{PREFIX}{moment:%Y-%m-%d}.json"
    written = target.with_suffix(f".{os.getpid()}.tmp")
    content = {"exported_at": moment.isoformat(), "heads": read_heads(cursor)}
    try:
        with written.open("w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        written.replace(target)
    finally:
        written.unlink(missing_ok=True)
    return target


def _load_file(path: Path) -> list[Head]:
    try:
        return [_read_head(said) for said in json.loads(path.read_text(encoding="utf-8"))["heads"]]
    except OSError as error:
        raise HeadsRefused(f"{path} cannot be read ({error.strerror}): name a file that maintain exported.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HeadsRefused(f"{path} holds no heads of a log: name a file that maintain exported.") from error


def _read_head(said: Any) -> Head:
    """One that is none is refused, not passed over: what it should have shown would be missed."""
    position, digest = int(said["position"]), bytes.fromhex(said["hash"])
    if position < 1 or len(digest) != HASH_BYTES:
        raise ValueError(position)
    sealed_at = datetime.fromisoformat(said["sealed_at"]).isoformat()
    return Head(org_id=str(UUID(said["org_id"])), position=position, hash=digest.hex(), sealed_at=sealed_at)
