"""`manage.py sql_objects`: which SQL files and database objects disagree, and putting that right."""

from typing import Any

from django.core.management import CommandError, CommandParser
from django.db import connection, transaction

from config.prepared import PreparedCommand
from postgres.drift import Drift, find_drift
from tenants.scope import owner_scope


class Command(PreparedCommand):
    """Show the SQL objects that are not as their files say."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="exit with 1 when anything differs")
        parser.add_argument("--install", action="store_true", help="install the files that differ")

    def handle(self, *args: Any, check: bool, install: bool, **options: Any) -> None:
        found = list(find_drift(connection))
        for drift in found:
            self.stdout.write(f"{drift.object.app}/sql/{drift.object.name}.sql: {drift.problem}")
        if found and install:
            self._install(found)
        elif found and check:
            raise CommandError(f"{len(found)} SQL objects differ: install them with `manage.py sql_objects --install`.")
        elif not found:
            self.stdout.write("Every SQL object is as its file says.")

    def _install(self, found: list[Drift]) -> None:
        with transaction.atomic(), owner_scope("sql_objects"), connection.cursor() as cursor:
            cursor.execute("select set_config('check_function_bodies', 'off', true)")
            for drift in found:
                cursor.execute(drift.object.create_sql())
        self.stdout.write(f"Installed {len(found)}.")
