"""How work ends before it is done, in sentences that name the line to go on with."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import CommandError
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from config.conversion.files import type_plan
from config.conversion.watching import COMMAND
from postgres.errors import first_line
from tenants.backfill.catalog.reading import CatalogRefused
from tenants.backfill.changes import LocksNotHad
from tenants.backfill.coordinator import CoordinatorBusy
from tenants.backfill.deciding import DecisionRefused
from tenants.backfill.derive.keys import ColumnUnknown
from tenants.backfill.errors import PhaseRefused
from tenants.backfill.fill.errors import FillError
from tenants.backfill.people.mapping import PeopleMissing
from tenants.backfill.people.source import PeopleRefused
from tenants.backfill.phases.column import ColumnRefused
from tenants.backfill.phases.start import PlanConflict
from tenants.backfill.plan.faults import PlanRefused
from tenants.backfill.plan.routes import RouteUnresolved
from tenants.backfill.reading import ReadingRefused
from tenants.backfill.run import Stopped
from tenants.backfill.steering import NoConversion

ENDS = (
    CatalogRefused,
    ColumnRefused,
    ColumnUnknown,
    CoordinatorBusy,
    DecisionRefused,
    FillError,
    LocksNotHad,
    NoConversion,
    PeopleMissing,
    PeopleRefused,
    PhaseRefused,
    PlanConflict,
    PlanRefused,
    ReadingRefused,
    RouteUnresolved,
    Stopped,
)


@contextmanager
def ending_well(options: dict[str, Any]) -> Iterator[None]:
    """Turn what ends the work into a sentence, and a server that is gone too."""
    try:
        yield
    except ENDS as error:
        text = name_plan(str(error), options)
        go_on = "" if COMMAND in text else f"\nNext: {resume_line(options)}"
        raise CommandError(text + go_on) from error
    except (OperationalError, InterfaceError) as error:
        raise CommandError(describe_lost(error, options)) from error
    except DatabaseError as error:
        # Nothing that a person wrote leads here: the words of the server are what there is to say.
        raise CommandError(f"PostgreSQL refused: {str(error).strip()}\nNext: {resume_line(options)}") from error


def describe_end(error: BaseException) -> str:
    """The last line that a machine reads when the work was ended by an error."""
    return json.dumps({"event": "end", "done": False, "error": str(error) or type(error).__name__})


def describe_lost(error: Exception, options: dict[str, Any]) -> str:
    """The connection is gone, or a statement was cancelled: what is committed stays."""
    lost = connection.connection is None or connection.connection.closed
    what = "The connection to PostgreSQL is lost" if lost else "PostgreSQL ended the work"
    return f"{what}: {first_line(error)}.\nWhat is committed stays. Once it answers: {resume_line(options)}"


def name_plan(text: str, options: dict[str, Any]) -> str:
    """Lines to type with the file that was given; the engine knows no files."""
    return text.replace("--plan PLAN", type_plan(options["plan"])) if options.get("plan") else text


def resume_line(options: dict[str, Any]) -> str:
    """The command that goes on from here."""
    parts = [COMMAND, options["verb"] or "status"]
    for schema in options.get("schema") or []:
        parts += ["--schema", shlex.quote(schema)]
    if options.get("default_org"):
        parts += ["--default-org", shlex.quote(options["default_org"])]
    if options.get("plan"):
        parts.append(type_plan(options["plan"]))
    for name in ("until", "workers", "batch_ms", "lock_ms", "join", "window", "max_wal", "max_lag", "to", "run"):
        default = {"until": "constrain", "workers": 1, "batch_ms": 50, "lock_ms": 20}.get(name)
        if options.get(name) not in (None, "", default):
            parts += [f"--{name.replace('_', '-')}", str(options[name])]
    if options.get("only"):
        parts += ["--only", *map(shlex.quote, options["only"])]
    return " ".join(parts)
