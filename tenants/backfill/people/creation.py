"""People of the old database whom Tenantry does not know: made or not, and in which organization."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import sql

from tenants.backfill.people.source import PeopleRefused, PeopleSource
from tenants.backfill.plan.model import PeoplePlan
from tenants.models import Organization


@dataclass(frozen=True)
class Creation:
    """Whether unknown people are made; `org_id` is the one they all become members of, else each gets their own."""

    wanted: bool = False
    by_id: bool = False
    org_id: UUID | None = None

    def columns(self) -> sql.SQL:
        return sql.SQL("id, email" if self.by_id else "email")

    def values(self, key: sql.Composable, email: sql.Composable) -> sql.Composable:
        return sql.SQL("{}, {}").format(key, email) if self.by_id else email

    def provision(self) -> str:
        """What the setting tenantry.provision says while the owner makes them."""
        return f"org:{self.org_id}" if self.org_id else ""

    def provision_when_met(self) -> sql.Composable:
        """The same in somebody else's session, where only a proof makes it count."""
        if not self.org_id:
            return sql.Literal("")
        return sql.SQL("{} || private.provision_proof({}::uuid)").format(
            sql.Literal(f"org:{self.org_id}:"), sql.Literal(str(self.org_id))
        )


def usable_email(email: sql.Composable) -> sql.Composed:
    """Whether a user may have this e-mail; who has none that is, is not made."""
    # No backslash: functions read it in sessions of the old application, which may take one for an escape.
    return sql.SQL("({0} ~ '^[^@[:space:]]+@[^@[:space:]]+$' and length({0}) <= 254)").format(email)


def decide_creation(people: PeoplePlan | None, source: PeopleSource) -> Creation:
    """What the plan says about people whom we do not know, or why that cannot be done."""
    if people is None or people.missing == "stop":
        return Creation()
    if not source.email:
        raise PeopleRefused(
            f'missing = "{people.missing}" needs e-mails, and {people.table} has no column of them. Name it:'
            ' match = "email:COLUMN"; or type missing = "stop".'
        )
    if not source.by_email and source.key.type != "uuid":
        raise PeopleRefused(
            f"{people.table} is matched by id, but its key {source.key.name} is {source.key.type}, and ours are uuid:"
            ' nobody would be found. Type match = "email:COLUMN".'
        )
    org_id = Organization.objects.values_list("id", flat=True).get(slug=people.slug) if people.slug else None
    return Creation(True, not source.by_email, org_id)
