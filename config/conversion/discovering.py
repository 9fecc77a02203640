"""`discover` and `plan`: from a catalog to a plan, and what the plan would do."""

import difflib
import shlex
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.db import connection, transaction

from config.conversion.answers import Answer
from config.conversion.files import load_checked, load_plan, type_plan, write_text
from config.conversion.watching import COMMAND
from tenants.backfill.catalog.reading import read_catalog
from tenants.backfill.discover.propose import propose_plan
from tenants.backfill.plan.estimate import estimate_plan
from tenants.backfill.plan.model import Plan, RouteKind
from tenants.backfill.plan.rendering import render_estimates
from tenants.backfill.plan.world import find_slugs, read_world
from tenants.backfill.plan.write import write_plan

SHOW_SLUGS = "To see which there are, in psql: select slug, name from organizations order by slug;"


def discover(**options: Any) -> Answer:
    """Read the catalog, keep the decisions of an older plan, write the file."""
    path: Path = options["plan"]
    previous = load_plan(path) if path.exists() else None
    proposed = propose(tuple(options["schema"]), previous, options["default_org"])
    text = write_plan(proposed)
    changed = describe_change(previous, text, path)
    write_text(path, text)
    counts = {str(kind): sum(t.route.kind is kind for t in proposed.tables.values()) for kind in RouteKind}
    found = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    undecided = [str(t.name) for t in proposed.tables.values() if t.route.kind is RouteKind.UNDECIDED]
    lines = [f"{path}: {len(proposed.tables)} tables ({found or 'none'}). {changed}"]
    lines += [f"  {name} is undecided: its comment in the plan says why" for name in undecided]
    lines.append(f"Read it, decide, and then: {COMMAND} plan {type_plan(path)}")
    return Answer({"plan": str(path), "routes": counts, "undecided": undecided}, "\n".join(lines))


def propose(schemas: tuple[str, ...], previous: Plan | None, default_org: str) -> Plan:
    with transaction.atomic(), connection.cursor() as cursor:
        catalog = read_catalog(cursor, schemas)
        proposed = propose_plan(catalog, previous=previous, default_org=default_org)
        fault = read_world(proposed, catalog, cursor).refuse_slug(default_org)
    if default_org in find_slugs(proposed) and fault:
        raise CommandError(f"--default-org: {fault}. {SHOW_SLUGS}")
    return proposed


def describe_change(previous: Plan | None, text: str, path: Path) -> str:
    """What a second discover did to the file."""
    if previous is None:
        return "A new plan."
    lines = list(difflib.unified_diff(previous.text.splitlines(), text.splitlines(), lineterm="", n=0))
    added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
    removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
    if not lines:
        return "Nothing has changed since."
    return f"Decisions kept; {added} lines are new and {removed} are gone: git diff {shlex.quote(str(path))}"


def plan(**options: Any) -> Answer:
    """The dry run: in a transaction that reads only, and is rolled back."""
    checked, catalog = load_checked(options["plan"])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction read only")
        estimates = estimate_plan(checked, catalog, cursor)
    stops = [f"{e.table}: {reason}" for e in estimates for reason in e.stops]
    text = render_estimates(estimates)
    next_line = f"Next: {COMMAND} run {type_plan(options['plan'])}"
    things = "1 thing" if len(stops) == 1 else f"{len(stops)} things"
    failure = "\n".join([f"{things} would stop the run:", *stops]) if stops else ""
    return Answer({"tables": [e.as_json() for e in estimates]}, text if stops else f"{text}\n{next_line}", failure)
