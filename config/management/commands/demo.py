"""`manage.py demo`: a believable world to look at, made once."""

import json
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.core.management import CommandError, CommandParser
from django.db import connection, transaction
from django.db.models import Q

from accounts.models import User
from config.demo.crm import begin_conversion
from config.demo.parts import BUSINESS, PARTS, Part
from config.demo.world import PASSWORD, SIGN_INS, SignIn, demo_domains
from config.prepared import PreparedCommand
from tenants.models import (
    Activity,
    AiUsage,
    Customer,
    Invitation,
    MetricEvent,
    Organization,
    OrgMember,
    Revenue,
    Store,
    Workspace,
)
from tenants.scope import owner_scope

COUNTED = {
    "organizations": Organization,
    "people": User,
    "members": OrgMember,
    "workspaces": Workspace,
    "stores": Store,
    "invitations": Invitation,
    "customers": Customer,
    "amounts of revenue": Revenue,
    "activities": Activity,
    "AI queries": AiUsage,
    "metric events": MetricEvent,
}
STANDS_ALREADY = (
    "The business stands already and was left alone, whatever its size: the large one is made where there is none yet."
    " In another database: DATABASE_URL=… manage.py migrate, and manage.py demo --size large"
)


class DemoRefused(CommandError):
    """This is no place for a demo."""


class Command(PreparedCommand):
    """Makes what is missing and says how to sign in."""

    help = "Fill the database with believable organizations and people; what stands already is left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="also in production, and beside other people's data")
        parser.add_argument(
            "--size",
            choices=("small", "large"),
            default="small",
            help="large: forty times the business, for looking at how fast pages are: 200,000 rows and 235,000 of the"
            " log, 300 MB, about 40 seconds; in a database without the demo (default small)",
        )
        parser.add_argument("--json", action="store_true", help="say it for a machine")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION and not options["force"]:
            raise DemoRefused(
                "TENANTRY_ENV is production, and the demo brings people with a published password."
                " Nothing was changed. If that is what you want: manage.py demo --force"
            )
        with transaction.atomic(), owner_scope(job="demo", reason="demo data"):
            built = build_missing(force=options["force"], large=options["size"] == "large")
            answer = {"built": built, "rows": count_rows(), "sign_ins": list_sign_ins()}
        # A conversion commits as it goes.
        begin_conversion()
        if options["size"] == "large" and BUSINESS not in built:
            self.stderr.write(STANDS_ALREADY)
        self.stdout.write(json.dumps(answer, indent=2) if options["json"] else describe(answer))


def build_missing(*, force: bool, large: bool = False) -> list[str]:
    """Build the parts that do not stand; return their names."""
    with connection.cursor() as cursor:
        # Two at once would build two worlds, and one of them would fail half-way.
        cursor.execute("select pg_advisory_xact_lock(hashtext('tenantry demo'))")
    missing: list[Part] = [part for part in PARTS if not part.stands()]
    if missing and not force:
        refuse_other_data()
    for part in missing:
        ((large and part.build_large) or part.build)()
    return [part.name for part in missing]


def refuse_other_data() -> None:
    """Refuse to mix the demo with people who are not the demo's."""
    ours = reduce(or_, (Q(email_lower__endswith=f"@{domain}") for domain in demo_domains()))
    others = User.objects.exclude(ours).count()
    if others:
        raise DemoRefused(
            f"This database holds people who are not the demo's ({others})."
            " Nothing was changed. To add the demo beside them: manage.py demo --force"
        )


def count_rows() -> dict[str, int]:
    return {name: model._default_manager.count() for name, model in COUNTED.items()}


def list_sign_ins() -> list[dict[str, str]]:
    """The people who can still sign in."""
    emails = [who.email for who in SIGN_INS]
    there = set(User.objects.filter(email_lower__in=emails, is_active=True).values_list("email_lower", flat=True))
    return [describe_sign_in(who) for who in SIGN_INS if who.email in there]


def describe_sign_in(who: SignIn) -> dict[str, str]:
    return {"email": who.email, "password": PASSWORD, "what": who.what}


def describe(answer: dict[str, Any]) -> str:
    """What a person reads, in the terminal and under the address that `make run` prints."""
    lines = [f"Demo sign-ins, all with the password {PASSWORD}:"]
    lines += [f"  {who['email']:<16} {who['what']}" for who in answer["sign_ins"]]
    if answer["built"]:
        lines.append(f"Made {', '.join(f'{count} {name}' for name, count in answer['rows'].items())}.")
    return "\n".join(lines)
