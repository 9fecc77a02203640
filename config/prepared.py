"""Whether a database has had every migration of this release, which all commands but the first few need."""

from functools import cache

from django.core.management import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

# Not by its bare name: the search_path of a login that nobody prepared leads elsewhere.
RECORDED = "select to_regclass(quote_ident(current_schema()) || '.django_migrations') is not null"
APPLIED = "select app || '.' || name from django_migrations"


@cache
def known_migrations() -> frozenset[str]:
    """Those of this release: of a newer database the rest is none of our business."""
    return frozenset(".".join(key) for key in MigrationLoader(None).disk_migrations)


def find_missing_migrations() -> list[str]:
    """Those that the database has not had."""
    with connection.cursor() as cursor:
        cursor.execute(RECORDED)
        if not cursor.fetchone()[0]:
            return sorted(known_migrations())
        cursor.execute(APPLIED)
        return sorted(known_migrations() - {row[0] for row in cursor})


def describe_missing() -> str:
    """The sentence about what is missing, or nothing."""
    missing = find_missing_migrations()
    if not missing:
        return ""
    name = connection.settings_dict["NAME"]
    few = missing[0] if len(missing) == 1 else f"{len(missing)} migrations"
    return f"The database {name} has not had {few} of this release; nothing was done. Type: manage.py migrate"


def refuse_unprepared() -> None:
    """Say so before a command trips over the first thing that is not there."""
    if sentence := describe_missing():
        raise CommandError(sentence)


class PreparedCommand(BaseCommand):
    """A command that works on a migrated database only."""

    requires_migrations_checks = True

    def check_migrations(self) -> None:
        """Where Django's own only warns."""
        refuse_unprepared()
