"""The adapter that works offline: CSV and JSON-lines files that somebody puts into the organization's folder."""

import hashlib
import hmac
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from tenants.sync.adapters import BATCH, Batch, Source, SyncFailed
from tenants.sync.records import READERS, ends_whole, make_event

NO_ROOT = "There is no folder to read from here: an operator sets TENANTRY_SYNC_DIR."
NO_FOLDER = "There is no folder {!r} for this organization; the connection's setting `folder` names one."
SHORTER = "{} is shorter than what was read of it: files may grow, and come under another name when they change."
UNSIGNED = "{} is not signed by the credential of this connection: {}.hmac must hold the hex HMAC-SHA-256 of the file."
CHUNK = 2**20


class FolderAdapter:
    """Files in the order of their names; of each the cursor knows how many records were read, and its size then."""

    needs_credential = False

    def read(self, source: Source, cursor: dict[str, Any]) -> Iterator[Batch]:
        folder = find_folder(source)
        names = sorted(entry.name for entry in os.scandir(folder) if _is_wanted(entry))
        # What was taken away is forgotten, or the cursor would grow for ever.
        done = {name: at for name, at in cursor.get("files", {}).items() if name in names}
        for name in names:
            yield from self._read_file(source, folder / name, done)
        if done != cursor.get("files", {}):
            yield Batch([], {"files": dict(done)})

    def _read_file(self, source: Source, path: Path, done: dict[str, Any]) -> Iterator[Batch]:
        read, size = done.get(path.name, (0, -1))
        with _open(path) as file:
            now = os.fstat(file.fileno()).st_size
            if now == size:
                return
            if now < size:
                raise SyncFailed(SHORTER.format(path.name))
            if source.settings.get("signed"):
                refuse_unsigned(source, path, file)
            events = []
            for number, record in READERS[path.suffix](file, path.name):
                if number <= read:
                    continue
                events.append(make_event(source, path.name, number, record))
                if len(events) == BATCH:
                    # Not at the file's end, as far as we know: the size stays unknown.
                    done[path.name] = (number, -1)
                    yield Batch(events, {"files": dict(done)})
                    read, events = number, []
            # A last line that waits is looked at again, though nobody should write to the file any more.
            done[path.name] = (read + len(events), now if ends_whole(file) else -1)
            if events:
                yield Batch(events, {"files": dict(done)})


def find_folder(source: Source) -> Path:
    """Below the organization's own folder, whatever the setting says and wherever links lead."""
    wanted = source.settings.get("folder", "")
    if not settings.TENANTRY_SYNC_DIR:
        raise SyncFailed(NO_ROOT)
    if not isinstance(wanted, str) or "\0" in wanted:
        raise SyncFailed(NO_FOLDER.format(wanted))
    own = (Path(settings.TENANTRY_SYNC_DIR) / str(source.org_id)).resolve()
    folder = (own / wanted).resolve()
    if not folder.is_relative_to(own) or not folder.is_dir():
        raise SyncFailed(NO_FOLDER.format(wanted))
    return folder


def _is_wanted(entry: os.DirEntry[str]) -> bool:
    """Hidden and unfinished files are somebody's work in progress; links lead elsewhere."""
    return (
        not entry.name.startswith(".") and Path(entry.name).suffix in READERS and entry.is_file(follow_symlinks=False)
    )


def _open(path: Path) -> IO[bytes]:
    try:
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
    except OSError as error:
        raise SyncFailed(f"{path.name} cannot be read: {error.strerror}.") from None


def refuse_unsigned(source: Source, path: Path, file: IO[bytes]) -> None:
    """Whoever put the file there knows the credential; the file is left at its beginning."""
    refusal = SyncFailed(UNSIGNED.format(path.name, path.name))
    if source.credential is None:
        raise refusal
    seal = hmac.new(source.credential.reveal().encode(), digestmod=hashlib.sha256)
    while chunk := file.read(CHUNK):
        seal.update(chunk)
    file.seek(0)
    try:
        with _open(path.with_name(f"{path.name}.hmac")) as beside:
            told = beside.read(200).decode("ascii", "replace").strip().lower()
    except SyncFailed:
        raise refusal from None
    if not hmac.compare_digest(told.encode(), seal.hexdigest().encode()):
        raise refusal
