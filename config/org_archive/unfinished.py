"""A file that has its name when all of it is on disk, and not before; one that was killed half-way is cleared away."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from config.org_archive.errors import ArchiveRefused

READ_AND_WRITE = os.O_CREAT | os.O_EXCL | os.O_RDWR


@contextmanager
def unfinished_file(path: Path) -> Iterator[IO[bytes]]:
    """A file beside its place, readable for its maker only, gone at the end; `give_name` gives it its name before."""
    refuse_standing_file(path)
    try:
        clear_remains(path)
        unfinished = name_unfinished(path)
        with os.fdopen(os.open(unfinished, READ_AND_WRITE, 0o600), "w+b") as file:
            try:
                lock(file.fileno())
                yield file
            finally:
                unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise ArchiveRefused(
            f"{path} cannot be written ({error.strerror}): make room, or name a file in a folder of yours."
        ) from error


def give_name(file: IO[bytes], path: Path) -> None:
    """Give it its name, when it is safe from a power cut, and not over a file that came meanwhile."""
    file.flush()
    os.fsync(file.fileno())
    try:
        os.link(name_unfinished(path), path)
    except FileExistsError as error:
        raise ArchiveRefused(f"{path} is there already: name another file.") from error
    # The name is in the folder, which is a file of its own.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def name_unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def refuse_standing_file(path: Path) -> None:
    if path.exists():
        raise ArchiveRefused(f"{path} is there already: name another file.")


def clear_remains(path: Path) -> None:
    """People's data in clear text that a killed export left, where nobody else looks; a live one holds its lock."""
    for name in os.listdir(path.parent):
        if name.startswith(f".{path.name}.") and name.endswith(".part"):
            remains = path.with_name(name)
            if is_abandoned(remains):
                remains.unlink(missing_ok=True)


def is_abandoned(remains: Path) -> bool:
    """Not by the process number in its name: another machine or container may write to the same folder."""
    with suppress(OSError), remains.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def lock(descriptor: int) -> None:
    # A network's file system may know no locks; what is left there is left.
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
