"""`manage.py verify_audit`: whether the sealed log is still what was sealed."""

import json
import uuid
from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser
from django.db import connection, transaction

from audit.heads import Head, HeadsRefused, load_heads
from audit.models import NO_ORG
from audit.verification import Verdict, export_checked, verify_log
from config.chosen import find_org_id
from config.prepared import PreparedCommand
from tenants.models import Organization

ALL = "Leave out --org to verify every chain."


class Command(PreparedCommand):
    """Exit code 0: every chain is whole. 1: the first fault of each broken chain, one sentence each."""

    help = "Verify the sealed audit log: name the first row that was edited, removed, added, swapped or cut off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--org", metavar="SLUG", help="only this organization's chain")
        parser.add_argument("--heads", metavar="FILE", type=Path, help="compare with copied heads (a file or a folder)")
        parser.add_argument("--export", metavar="FOLDER", type=Path, help="when all is well, copy the heads there")
        parser.add_argument("--json", action="store_true", help="say it for a machine")

    def handle(self, *args: Any, **options: Any) -> None:
        heads, org_id = read_outside(options["heads"]), find_org_id(options["org"], ALL)
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            # One snapshot for the whole walk, and nothing written: sealing may go on beside it.
            cursor.execute("set transaction isolation level repeatable read, read only")
            verdict = verify_log(cursor, org_id=org_id, heads=heads)
            names = name_orgs(verdict)
            if options["export"] and not verdict.faults:
                copy_heads(cursor, options["export"])
        self.stdout.write(tell_json(verdict, names) if options["json"] else tell(verdict))
        if verdict.faults:
            sentences = "\n".join(fault.sentence(names[fault.org_id]) for fault in verdict.faults)
            raise CommandError(
                f"{sentences}\nKeep this database as it is, and compare it with your newest backup in which this"
                " passes: manage.py verify_audit"
            )


def read_outside(path: Path | None) -> list[Head]:
    try:
        return load_heads(path) if path else []
    except HeadsRefused as error:
        raise CommandError(str(error)) from error


def copy_heads(cursor: Any, folder: Path) -> None:
    try:
        export_checked(cursor, folder)
    except HeadsRefused as error:
        raise CommandError(str(error)) from error


def name_orgs(verdict: Verdict) -> dict[uuid.UUID, str]:
    """Slugs where the organization still exists."""
    wanted = {fault.org_id for fault in verdict.faults}
    slugs = dict(Organization.objects.filter(pk__in=wanted).values_list("pk", "slug"))
    return {org: slugs.get(org) or ("no organization" if org == NO_ORG else f"org {org}") for org in wanted}


def tell(verdict: Verdict) -> str:
    retired = f", {verdict.retired} retired" if verdict.retired else ""
    heads = f", {verdict.heads} heads compared" if verdict.heads else ""
    state = "whole" if not verdict.faults else f"of which {len(verdict.faults)} are broken"
    return f"{verdict.rows} sealed rows in {verdict.chains} chains, {state}{retired}{heads}."


def tell_json(verdict: Verdict, names: dict[uuid.UUID, str]) -> str:
    counts = {"rows": verdict.rows, "chains": verdict.chains, "retired": verdict.retired, "heads": verdict.heads}
    faults = [fault.as_json(names[fault.org_id]) for fault in verdict.faults]
    return json.dumps({"ok": not faults, **counts, "faults": faults}, indent=2)
