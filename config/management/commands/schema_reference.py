"""`manage.py schema_reference`: what stands in the database, written down and explained."""

from typing import Any

from django.core.management import CommandError, CommandParser

from config.embedded.places import REPOSITORY
from config.prepared import PreparedCommand
from config.schema_page.rendering import render_schema

PAGE = REPOSITORY / "docs" / "schema.sql"


class Command(PreparedCommand):
    """Prints the page, writes it, or compares it with the one that is there."""

    help = "Write the database's schema as commented SQL: tables, columns, constraints, policies and indexes explained."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write docs/schema.sql")
        parser.add_argument("--check", action="store_true", help="exit code 1 when docs/schema.sql is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        page = render_schema()
        if options["write"]:
            PAGE.write_text(page, encoding="utf-8")
            self.stdout.write(f"Wrote {PAGE.relative_to(REPOSITORY)}.")
        elif not options["check"]:
            self.stdout.write(page, ending="")
        elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page:
            raise CommandError("docs/schema.sql is not what stands here. Type: manage.py schema_reference --write")
