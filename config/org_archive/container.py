"""The file itself: a zip, which is read as if a stranger had made it."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from config.org_archive.errors import ArchiveRefused
from config.org_archive.manifest import ArchivedFile, Manifest, parse_manifest

MANIFEST = "manifest.json"
# The beginning of time in a zip: an archive does not depend on when it was written.
MOMENT = (1980, 1, 1, 0, 0, 0)
CHUNK = 1 << 20
LARGEST_MANIFEST = 16 << 20
# Rows of text shrink to a tenth; what grows this much when it is read was made to fill a disk.
LARGEST_GROWTH, FREE_GROWTH = 250, 64 << 20
# Of zipfile, whatever a broken file makes it raise; a RuntimeError also for a packing that it does not know.
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, KeyError)


class HashedFile:
    """A file of the archive while it is written: its size and hash come with it."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target, self._hash = target, hashlib.sha256()
        self.size = 0

    def write(self, content: Any) -> None:
        self._hash.update(content)
        self.size += len(content)
        self._target.write(content)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def new_file(archive: zipfile.ZipFile, name: str) -> Iterator[HashedFile]:
    """The next file of an archive."""
    info = zipfile.ZipInfo(name, date_time=MOMENT)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    with archive.open(info, "w", force_zip64=True) as target:
        yield HashedFile(target)


def hash_file(path: Path) -> str:
    """SHA-256 of a whole file."""
    with path.open("rb") as file:
        return hash_content(file)


def hash_content(file: Any) -> str:
    """The same of one that is open, which is read to its end."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def explained() -> Iterator[None]:
    """Say in words what a damaged file does to those who read it."""
    try:
        yield
    except UNREADABLE as error:
        raise ArchiveRefused(f"it cannot be read ({error}): it is cut off, or no export of an organization.") from error


@contextmanager
def open_archive(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """An archive whose manifest and list of files hold together."""
    with explained():
        archive = zipfile.ZipFile(path)
    with archive:
        with explained():
            manifest = parse_manifest(read_manifest(archive))
            refuse_other_files(archive, manifest)
            refuse_bombs(manifest, path.stat().st_size)
        yield archive, manifest


def read_manifest(archive: zipfile.ZipFile) -> bytes:
    with archive.open(MANIFEST) as file:
        content = file.read(LARGEST_MANIFEST + 1)
    if len(content) > LARGEST_MANIFEST:
        raise ArchiveRefused("its manifest is larger than any of ours.")
    return content


def refuse_other_files(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Exactly the files of the manifest, each once."""
    named = [MANIFEST, *(file.path for file in manifest.files)]
    there = archive.namelist()
    if len(set(named)) < len(named) or len(set(there)) < len(there):
        raise ArchiveRefused("it holds a file twice.")
    for name in sorted(set(there) - set(named)):
        raise ArchiveRefused(f"it holds a file that its manifest does not name: {name!r}.")
    for name in sorted(set(named) - set(there)):
        raise ArchiveRefused(f"{name} is missing from it.")


def refuse_bombs(manifest: Manifest, size: int) -> None:
    unpacked = sum(file.size for file in manifest.files)
    if unpacked > FREE_GROWTH + LARGEST_GROWTH * size:
        raise ArchiveRefused(f"its {size} bytes would become {unpacked}: no export of an organization grows like that.")


def read_file(archive: zipfile.ZipFile, file: ArchivedFile) -> Iterator[bytes]:
    """The content in pieces; whoever has read all of it has read what the manifest promised."""
    digest, size = hashlib.sha256(), 0
    with explained(), archive.open(file.path) as source:
        while piece := source.read(CHUNK):
            size += len(piece)
            if size > file.size:
                break
            digest.update(piece)
            yield piece
    if size != file.size or digest.hexdigest() != file.sha256:
        raise ArchiveRefused(f"{file.path} is not what was exported: its hash differs from the manifest's.")


def check_files(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Read every file once, before the first row is written anywhere."""
    for file in manifest.files:
        for _ in read_file(archive, file):
            pass
