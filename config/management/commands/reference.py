"""`manage.py reference`: the generated pages of docs/, written or compared."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from config.embedded.places import REPOSITORY
from config.reference import stale_pages


class Command(BaseCommand):
    """Writes docs/settings.md, docs/commands.md and docs/openapi.yaml."""

    help = "Write the generated references of docs/, or fail when they are not current."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        action = parser.add_mutually_exclusive_group(required=True)
        action.add_argument("--write", action="store_true", help="write the pages that are not current")
        action.add_argument("--check", action="store_true", help="write nothing; fail when a page is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        stale = stale_pages()
        names = ", ".join(str(path.relative_to(REPOSITORY)) for path in stale)
        if options["check"] and stale:
            raise CommandError(f"Not current: {names}. Type: manage.py reference --write")
        for path, text in stale.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.stdout.write(f"Wrote {names}." if stale else "The references are current.")
