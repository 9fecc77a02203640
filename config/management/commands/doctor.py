"""`manage.py doctor`: what does not stand as it should in the whole database, and what to type against it."""

import json
import sys
from typing import IO, Any, cast

from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError, transaction
from psycopg import errors
from rich.console import Console
from rich.text import Text

from config.prepared import refuse_unprepared
from postgres.errors import first_line
from tenants.doctor.checks import UnknownCheck, all_checks
from tenants.doctor.findings import LEVELS, Finding, Level, fold_findings
from tenants.doctor.keeping import keep_run
from tenants.doctor.runner import examine
from tenants.scope import owner_scope

STYLES = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.INFO: "cyan"}

NEEDS = "It needs the owning login (DATABASE_URL), and a database that `manage.py migrate` has prepared."


class Command(BaseCommand):
    """Compare what stands with what should stand; changes nothing of it."""

    help = "Compare the whole database with what should stand in it; exit code 1 when there are errors."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
        parser.add_argument("--check", nargs="+", metavar="NAME", help="run only these checks")
        parser.add_argument("--list", action="store_true", help="name the checks and what each looks for")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for check in all_checks():
                self.stdout.write(f"{check.name}: {check.purpose}")
            return
        refuse_unprepared()
        findings = self._examine(options["check"])
        if not options["check"]:
            self._keep(findings)
        if options["json"]:
            self.stdout.write(json.dumps([f.as_dict() for f in findings], indent=2))
        else:
            self._print(findings)
        if any(f.level is Level.ERROR for f in findings):
            sys.exit(1)

    def _examine(self, names: list[str] | None) -> list[Finding]:
        try:
            return examine(names)
        except UnknownCheck as error:
            raise CommandError(f"{error}. `manage.py doctor --list` describes them.") from error
        except DatabaseError as error:
            cause = error.__cause__
            if isinstance(cause, errors.LockNotAvailable):
                raise CommandError(
                    "Another doctor is at work in this database: wait for it, then try again."
                ) from error
            if isinstance(cause, errors.InsufficientPrivilege | errors.UndefinedObject):
                raise CommandError(f"The doctor cannot look: {error}\n{NEEDS}") from error
            raise

    def _keep(self, findings: list[Finding]) -> None:
        """For the console; where nothing can be written, the findings are told all the same."""
        try:
            with transaction.atomic(), owner_scope("doctor"):
                keep_run(findings, made_by="doctor")
        except DatabaseError as error:
            self.stderr.write(
                f"The console does not learn of this run, because it could not be kept: {first_line(error)}"
            )

    def _print(self, findings: list[Finding]) -> None:
        console = Console(file=cast(IO[str], self.stdout._out), soft_wrap=True, highlight=False)
        folded = fold_findings(findings)
        for finding in folded:
            style = STYLES[finding.level]
            console.print(Text.assemble((f"{finding.level:8}", style), (finding.object, "bold"), f": {finding.reason}"))
            if finding.remedy:
                console.print(Text(f"        {finding.remedy};".replace("\n", "\n        "), style="dim"))
        counts = {level: sum(f.level is level for f in findings) for level in LEVELS}
        if findings:
            each = "" if len(folded) == len(findings) else "; --json names each"
            console.print(", ".join(f"{n} {level}{'' if n == 1 else 's'}" for level, n in counts.items() if n) + each)
        else:
            console.print("Everything stands as it should.")
