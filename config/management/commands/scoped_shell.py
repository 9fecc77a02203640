"""`manage.py scoped_shell`: look at the database as a person sees it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.db import transaction

from accounts.models import User
from config.chosen import find_org, find_person
from config.prepared import PreparedCommand
from config.scoped_shell import build_names, run_psql, run_python
from tenants.models import Organization
from tenants.scope import ScopeRefused, api_scope


class Command(PreparedCommand):
    """One transaction as `tenantry_api` under the person's claims; rolled back unless --commit."""

    help = "A Python shell (or psql) under a person's claims, in one transaction that is rolled back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="email", required=True, help="the person's e-mail")
        parser.add_argument("--org", dest="slug", required=True, help="the organization's slug")
        parser.add_argument("--psql", action="store_true", help="psql instead of Python")
        parser.add_argument("-c", dest="code", help="run this Python (with --psql: SQL) and end")
        parser.add_argument(
            "--commit", action="store_true", help="keep what was changed; in psql, type commit yourself"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user, org = find_person(options["email"]), find_org(options["slug"])
        with transaction.atomic():
            self._run(user, org, options)
            transaction.set_rollback(not options["commit"])
        if options["psql"] and run_psql(user, org, options["code"], commit=options["commit"]):
            raise CommandError("psql ended with an error; what it said stands above.")

    def _run(self, user: User, org: Organization, options: dict[str, Any]) -> None:
        try:
            with api_scope(user.pk, org.pk, reason="scoped_shell") as scope:
                admitted = scope.org_id is not None
                if admitted and not options["psql"]:
                    banner = f"{user} in {org} as {scope.role}; names: {', '.join(sorted(build_names()))}"
                    run_python(options["code"], build_names(scope=scope, user=user, org=org), banner)
        except ScopeRefused as error:
            raise CommandError(f"{user} is disabled, and so is nobody. Try --as somebody else.") from error
        if not admitted:
            raise CommandError(explain_absence(user, org))


def explain_absence(user: User, org: Organization) -> str:
    """Why the database gave no organization, and which ones it would give."""
    if org.status != "active":
        return f"The organization {org.slug} is {org.status}, so nobody works in it."
    own = Organization.objects.filter(members__user=user, members__state="active", status="active")
    return f"{user} is no active member of {org.slug}.{list_slugs(own)}"


def list_slugs(orgs: Any) -> str:
    slugs = list(orgs.order_by("slug").values_list("slug", flat=True)[:10])
    return f" Try --org {' or --org '.join(slugs)}" if slugs else ""
