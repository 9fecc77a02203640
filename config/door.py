"""What `manage.py` and `make run` say in place of a traceback, where it is something that a person can put right."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg import errors

from config.prepared import describe_missing
from postgres.errors import first_line

FORESEEN = (ImproperlyConfigured, DatabaseError, InterfaceError)
UNDEFINED = (
    errors.UndefinedTable,
    errors.UndefinedFunction,
    errors.UndefinedColumn,
    errors.UndefinedObject,
    errors.InvalidSchemaName,
)

# The server's own faults: nobody wrote a query wrong.
BROKEN = (errors.InternalError_, errors.DataCorrupted, errors.IndexCorrupted)


def explain_end(error: Exception, line: str) -> str:
    """What it was, where, and what to type next (`line` was typed); nothing where the fault is ours."""
    cause = error.__cause__
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if isinstance(error, OperationalError | InterfaceError) or isinstance(cause, BROKEN):
        return describe_ended(error, line) if getattr(cause, "sqlstate", None) else describe_silence(error, line)
    if isinstance(cause, UNDEFINED):
        return explain_unprepared()
    if isinstance(cause, errors.InsufficientPrivilege):
        return (
            f"PostgreSQL refused: {first_line(error)}. Commands work as the login that owns the database:"
            " set DATABASE_URL to its address (docs/operations.md, Two logins)."
        )
    return ""


def describe_silence(error: Exception, line: str) -> str:
    """No server, no such database, no way in, or gone; libpq's words name the place and never the password."""
    reason = " ".join(str(error).split())
    variable = "APP_DATABASE_URL" if os.environ.get("TENANTRY_LOGIN") == "app" else "DATABASE_URL"
    if not os.environ.get(variable):
        return f"{variable} is not set, and the embedded PostgreSQL does not answer: {reason}\nSet {variable}."
    return (
        f"The database of {variable} does not answer: {reason}\nWhat was committed stays."
        f" Start the server or correct {variable}, then type again: {line}"
    )


def describe_ended(error: Exception, line: str) -> str:
    """A cancelled statement, a lock that was not had, a server that was shut down."""
    return f"PostgreSQL ended the work: {first_line(error)}. What was committed stays. Then type again: {line}"


def explain_unprepared() -> str:
    try:
        return describe_missing()
    except DatabaseError:
        return ""
