"""`manage.py reset_second_factor`: for whoever has lost the authenticator and every recovery code."""

from typing import Any

from django.core.management import CommandError, CommandParser
from django.db import transaction

from accounts.models import Authenticator, User
from accounts.second_factor import remove_second_factor
from config.chosen import find_person
from config.prepared import PreparedCommand
from tenants.scope import owner_scope

JOB = "reset_second_factor"


class Command(PreparedCommand):
    """The way in for the last superuser; everybody else asks one."""

    help = "Remove a person's authenticator and recovery codes, and end their sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose")
        parser.add_argument("--reason", default="", help="why, for the log")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), owner_scope(JOB, options["reason"]):
            person = find_person(options["email"])
            if not Authenticator.objects.filter(user=person).exists():
                raise CommandError(f"{person} has no authenticator: a password alone signs them in already.")
            if not options["dry_run"]:
                remove_second_factor(person, actor=User(pk=None, is_superuser=True), reason=options["reason"])
        done = "Would remove" if options["dry_run"] else "Removed"
        self.stdout.write(f"{done} the authenticator of {person}; they sign in with their password.")
