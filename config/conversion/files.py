"""Reading and writing plan files, with refusals that say what to type."""

import shlex
from pathlib import Path

from django.core.management import CommandError
from django.db import connection, transaction

from tenants.backfill.catalog.model import Catalog
from tenants.backfill.catalog.reading import CatalogRefused
from tenants.backfill.plan.check import open_plan
from tenants.backfill.plan.faults import PlanRefused
from tenants.backfill.plan.model import Plan
from tenants.backfill.plan.read import read_plan


def type_plan(path: Path) -> str:
    """The option that names the file, as somebody types it."""
    return f"--plan {shlex.quote(str(path))}"


def load_plan(path: Path) -> Plan:
    """Read a plan; every fault with its line."""
    try:
        return read_plan(read_text(path))
    except PlanRefused as error:
        raise CommandError(name_lines(error, path)) from error


def load_checked(path: Path) -> tuple[Plan, Catalog]:
    """Read a plan and hold it against the database: all faults at once, before anything is written."""
    text = read_text(path)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            return open_plan(text, cursor)
    except PlanRefused as error:
        raise CommandError(name_lines(error, path)) from error
    except CatalogRefused as error:
        raise CommandError(str(error)) from error


def name_lines(error: PlanRefused, path: Path) -> str:
    """Faults as editors find them: file, line, sentence, and what to type."""
    count = f"{len(error.faults)} fault{'s' if len(error.faults) != 1 else ''} in the plan; nothing was changed."
    return f"{error.describe(str(path))}\n{count}"


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise CommandError(
            f"There is no {path}. Write one: manage.py backfill_org_ids discover --schema SCHEMA {type_plan(path)}"
        ) from error
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error


def write_text(path: Path, text: str) -> None:
    """Write beside and move into place: a full disk leaves the old plan whole."""
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CommandError(f"{path} cannot be written: {error}") from error
