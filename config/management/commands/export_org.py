"""`manage.py export_org`: one organization into a file."""

from pathlib import Path
from typing import Any

from django.core.management import CommandError, CommandParser

from config.org_archive.errors import ArchiveRefused
from config.org_archive.exporting import Finished, Written, export_org
from config.prepared import PreparedCommand


class Command(PreparedCommand):
    """Writes the archive, says what is in it, and prints its hash."""

    help = "Write one organization, with its log and the people it names, into an archive: one moment for all tables."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="the organization")
        parser.add_argument("--to", metavar="FILE", type=Path, required=True, help="the archive to write, a zip")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for step in export_org(options["slug"], options["to"]):
                self.tell(step)
        except ArchiveRefused as error:
            raise CommandError(f"Nothing was exported: {error}") from error

    def tell(self, step: Written | Finished) -> None:
        if isinstance(step, Written):
            if step.rows:
                self.stdout.write(f"{step.rows:>10} {step.label}")
            return
        if step.left_out:
            self.stdout.write(f"Left out, being secret: {', '.join(step.left_out)}.")
        self.stdout.write(f"{step.path}: {step.size} bytes, SHA-256 {step.sha256}")
        self.stdout.write(f"It holds people and business data in clear text. Back: manage.py restore_org {step.path}")
