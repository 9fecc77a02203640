"""A server that ends a command, in a sentence: gone, out of room, or refusing to wait."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import Error, InterfaceError, InternalError, OperationalError, connection

# What nobody wrote a query wrong for: anything else is a fault of ours, and shows where.
TROUBLES = (OperationalError, InterfaceError, InternalError)


@contextmanager
def telling_trouble(arguments: Sequence[str]) -> Iterator[None]:
    """End with the sentence instead of a traceback; `--traceback` shows it all the same."""
    try:
        yield
    except TROUBLES as error:
        if "--traceback" in arguments:
            raise
        sys.exit(describe_trouble(error, arguments))


def describe_trouble(error: Error, arguments: Sequence[str]) -> str:
    """The server's words, and what to type; options stay out of it, for they may be secret."""
    lost = connection.connection is None or connection.connection.closed
    what = "There is no connection to PostgreSQL" if lost else "PostgreSQL ended the work"
    line = (str(error).strip().splitlines() or ["no reason given"])[0]
    return f"{what}: {line}\nWhat is committed stays. Once it answers, type the same again: manage.py {arguments[1]}"
