"""The organization a staff person works in: chosen by themselves in the console, kept across sessions."""

from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from audit.events import log_event
from tenants.errors import NotFound
from tenants.models import MemberState, Organization
from tenants.verbs import as_service, verb


def orgs_open_to(person: User) -> QuerySet[Organization]:
    """Where a staff person may work: superusers anywhere, others where they are active members, the earliest first."""
    if person.is_superuser:
        return Organization.objects.order_by("name", "id")
    own = Organization.objects.filter(members__user=person, members__state=MemberState.ACTIVE)
    return own.order_by("members__joined_at", "members__id")


@verb
def set_console_org(person: User, org_id: UUID | None) -> Organization | None:
    """Choose one organization, or (superusers) all of them by None; the switch is logged."""
    with as_service("switch organization", person), connection.cursor() as cursor:
        chosen = orgs_open_to(person).filter(pk=org_id).first() if org_id else None
        if chosen is None and (org_id or not person.is_superuser):
            raise NotFound("There is no such organization among those you may work in.")
        User.objects.filter(pk=person.pk).update(console_org=chosen)
        left = {"from": str(person.console_org_id) if person.console_org_id else "all"}
        log_event(cursor, "console.switch", table="organizations", record=org_id or "", org_id=org_id, **left)
    person.console_org = chosen
    return chosen
