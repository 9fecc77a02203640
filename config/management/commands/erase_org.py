"""`manage.py erase_org`: one organization, erased for good, with proof."""

import json
from typing import Any

from django.core.management import CommandError, CommandParser

from config.org_archive.erasing import Doomed, Erased, Gone, erase_org, find_doomed
from config.org_archive.errors import ArchiveRefused
from config.prepared import PreparedCommand


class Command(PreparedCommand):
    """Counts what would go, asks for the name, erases, counts again."""

    help = "Erase one organization with all its rows and its log; a sealed tombstone and a proof remain."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="the organization; or the id of a gone one, for what it left")
        parser.add_argument("--dry-run", action="store_true", help="count what would go, and change nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask for the name")
        parser.add_argument("--reason", metavar="TEXT", default="", help="for the tombstone; name no person in it")
        parser.add_argument("--json", action="store_true", help="say it for a machine; needs --yes or --dry-run")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"] and not (options["yes"] or options["dry_run"]):
            raise CommandError("--json asks nothing: add --dry-run, or --yes.")
        try:
            doomed = find_doomed(options["slug"])
            if not options["json"]:
                self.stdout.write(describe_doomed(doomed))
            if options["dry_run"]:
                self.stdout.write(dry_answer(doomed) if options["json"] else "This was a dry run: nothing was changed.")
                return
            if not options["yes"]:
                ask_for_name(doomed)
            self.erase(doomed, options)
        except ArchiveRefused as error:
            raise CommandError(f"Nothing was erased: {error}") from error

    def erase(self, doomed: Doomed, options: dict[str, Any]) -> None:
        for step in erase_org(doomed, reason=options["reason"]):
            if isinstance(step, Erased):
                self.stdout.write(json_answer(step) if options["json"] else describe_proof(step))
                if not step.clean:
                    raise CommandError(
                        f"Something of it came back while it was erased: manage.py erase_org {doomed.org_id}"
                    )
            elif not options["json"]:
                self.tell(step)

    def tell(self, gone: Gone) -> None:
        if gone.rows:
            self.stdout.write(f"{gone.rows:>10} {gone.label} erased")


def ask_for_name(doomed: Doomed) -> None:
    try:
        typed = input(f"There is no way back but an archive. Type {doomed.slug} to erase it: ")
    except EOFError:
        typed = ""
    if typed.strip() != doomed.slug:
        raise ArchiveRefused(f"the name was not typed. Without a terminal: manage.py erase_org {doomed.slug} --yes")


def describe_doomed(doomed: Doomed) -> str:
    lines = [f"{doomed.slug} ({doomed.org_id}) is in:"]
    lines += [f"{place.rows:>10} {place.label}" for place in doomed.places if place.rows]
    if doomed.alone:
        lines.append(f"{doomed.alone} of its people are in no other organization; people stay, and can sign in.")
    return "\n".join(lines)


def describe_proof(erased: Erased) -> str:
    seal = "sealed" if erased.sealed else "sealed by the next manage.py maintain: an older transaction still runs"
    left = [f"{place.rows:>10} {place.label} LEFT" for place in erased.places if place.rows]
    counted = f"Proof: {len(erased.places)} columns that can hold its id were counted afterwards"
    verdict = "all of them hold none" if erased.clean else "some of them hold it"
    return "\n".join([*left, f"{counted}; {verdict}.", f"Tombstone of {erased.org_id}: {seal}."])


def dry_answer(doomed: Doomed) -> str:
    places = {place.label: place.rows for place in doomed.places}
    return json.dumps({"org_id": str(doomed.org_id), "slug": doomed.slug, "rows": places}, indent=2)


def json_answer(erased: Erased) -> str:
    places = {place.label: place.rows for place in erased.places}
    proof = {"org_id": str(erased.org_id), "clean": erased.clean, "tombstone_sealed": erased.sealed}
    return json.dumps({**proof, "log_rows": erased.log_rows, "left": places}, indent=2)
