"""The organization a person acts for: chosen by themselves, kept across sessions, never one they are not in."""

from uuid import UUID

from django.db import IntegrityError, connection, transaction

from accounts.models import User
from tenants.authority import Person
from tenants.errors import NotAllowed, NotFound
from tenants.models import Organization
from tenants.verbs import as_service, verb


@verb
def set_active_org(user: User, org: Organization | UUID, *, actor: Person) -> UUID:
    """Choose the organization of the person's next token; `org` may be an id, as clients name it."""
    if user.pk != actor.pk:
        raise NotAllowed("People choose their active organization themselves.")
    chosen = org.pk if isinstance(org, Organization) else org
    try:
        with transaction.atomic(), as_service("set active organization", actor), connection.cursor() as cursor:
            cursor.execute("select set_user_active_org(%s, %s)", [user.pk, chosen])
    except IntegrityError as error:
        # The same answer for a foreign organization and for a missing one.
        raise NotFound("There is no such organization among your active memberships.") from error
    user.active_org_id = chosen
    return chosen


def get_active_org(user: User) -> Organization | None:
    """The choice while it holds, else the organization of the earliest active membership; None: member of nothing."""
    with transaction.atomic(), as_service("read active organization", user), connection.cursor() as cursor:
        cursor.execute("select get_user_active_org(%s)", [user.pk])
        (org_id,) = cursor.fetchone()
        return Organization.objects.get(pk=org_id) if org_id else None
