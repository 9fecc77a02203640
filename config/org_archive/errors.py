"""What stops an export, a restore or an erasure."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, IntegrityError, connection

from postgres.errors import first_line


class ArchiveRefused(Exception):
    """Not done, and nothing changed; the sentence says why and what to type."""


@contextmanager
def explaining(broken_key: str) -> Iterator[None]:
    """Say what the database refuses in words; `broken_key` is what it means when rows do not fit together."""
    try:
        yield
    except IntegrityError as error:
        diagnosis: Any = getattr(error.__cause__, "diag", None)
        detail = getattr(diagnosis, "message_detail", None) or ""
        raise ArchiveRefused(f"{broken_key}: {first_line(error)}. {detail}".strip()) from error
    except DatabaseError as error:
        if is_lost():
            # Perhaps while it committed: then all of it is done, and "nothing was changed" would be wrong.
            raise
        raise ArchiveRefused(f"the database refused: {first_line(error)}") from error


def is_lost() -> bool:
    """Whether the connection is gone, with the answer that was on its way."""
    return connection.connection is None or connection.connection.closed
