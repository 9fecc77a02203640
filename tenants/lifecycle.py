"""Organizations: founded, deleted in two steps with a way back between them, and purged."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from tenants.authority import Actor, Person, member_authority, require_role, staff_authority
from tenants.errors import Conflict
from tenants.models import Organization, OrgStatus, Role
from tenants.scope import owner_scope
from tenants.slugs import make_slug, validate_slug
from tenants.verbs import as_service, verb

PROVISION = "select private.provision_org(%s, %s, %s)"
# What closing an organization for its grace period writes, and what opening it again does: it is what it was before.
CLOSING: dict[str, Any] = {
    "status": OrgStatus.DELETING,
    "deleting_since": Now(),
    "was_suspended": Case(When(status=OrgStatus.SUSPENDED, then=True), default=False),
}
OPENING: dict[str, Any] = {
    "status": Case(When(was_suspended=True, then=Value(OrgStatus.SUSPENDED)), default=Value(OrgStatus.ACTIVE)),
    "deleting_since": None,
    "was_suspended": False,
}


@verb
def create_organization(name: str, *, slug: str | None = None, actor: Person) -> Organization:
    """Found an organization with its first workspace; the actor is its owner. A slug made from the name gives way
    to a taken one, a slug that was asked for does not."""
    name = name.strip()
    if not name:
        raise ValidationError("An organization needs a name.", code="required")
    if slug is not None:
        validate_slug(slug)
    with as_service("create organization", actor):
        with connection.cursor() as cursor:
            cursor.execute(PROVISION, [actor.pk, name, slug or make_slug(name)])
            org = Organization.objects.get(pk=cursor.fetchone()[0])
        if slug is not None and org.slug != slug:
            raise Conflict("This slug is taken, or looks like one that is; choose another.", "organizations_slug")
        return org


@verb
def delete_organization(org: Organization, *, actor: Actor) -> Organization:
    """Close an organization at once; it can be restored until the grace period is over."""
    as_staff = staff_authority(actor, org.pk)
    with as_service("delete organization", actor):
        require_role(as_staff or member_authority(actor, org.pk), Role.OWNER)
        open_orgs = Organization.objects.filter(pk=org.pk).exclude(status=OrgStatus.DELETING)
        if not as_staff:
            # It is for staff to say what becomes of what they suspended.
            open_orgs = open_orgs.exclude(status=OrgStatus.SUSPENDED)
        if not open_orgs.update(**CLOSING):
            raise Conflict("This organization is being deleted already, or suspended.", "wrong-state")
        return Organization.objects.get(pk=org.pk)


@verb
def restore_organization(org: Organization, *, actor: Actor) -> Organization:
    """Undo a deletion within its grace period; what was suspended then is suspended again."""
    as_staff = staff_authority(actor, org.pk)
    with as_service("restore organization", actor):
        require_role(as_staff or member_authority(actor, org.pk), Role.OWNER)
        doomed = Organization.objects.filter(pk=org.pk, status=OrgStatus.DELETING, deleting_since__gt=grace_start())
        if not doomed.update(**OPENING):
            raise Conflict("This organization is not being deleted, or its grace period is over.", "wrong-state")
        return Organization.objects.get(pk=org.pk)


@verb
def suspend_organization(org: Organization, *, reason: str, actor: Actor) -> Organization:
    """Close an organization to its members for as long as staff say so; the console alone does this."""
    return _turn(org, OrgStatus.ACTIVE, OrgStatus.SUSPENDED, reason, actor)


@verb
def resume_organization(org: Organization, *, reason: str, actor: Actor) -> Organization:
    """End a suspension."""
    return _turn(org, OrgStatus.SUSPENDED, OrgStatus.ACTIVE, reason, actor)


def _turn(org: Organization, expected: OrgStatus, status: OrgStatus, reason: str, actor: Actor) -> Organization:
    require_role(staff_authority(actor, org.pk), Role.OWNER)
    with as_service(reason, actor):
        if not Organization.objects.filter(pk=org.pk, status=expected).update(status=status):
            raise Conflict(f"This organization is not {expected.value}: look again.", "wrong-state")
        return Organization.objects.get(pk=org.pk)


def purge_organizations() -> list[UUID]:
    """Remove, for good, what was deleted longer ago than the grace period; one transaction each, as the owner."""
    due = Organization.objects.filter(status=OrgStatus.DELETING, deleting_since__lte=grace_start())
    with transaction.atomic(), owner_scope("purge_organizations"):
        candidates = list(due.order_by("deleting_since").values_list("pk", flat=True))
    return [pk for pk in candidates if _purge(pk)]


def _purge(pk: UUID) -> bool:
    reason = f"deleted more than {settings.TENANTRY_DELETION_GRACE_DAYS} days ago"
    with transaction.atomic(), owner_scope("purge_organizations", reason):
        # Asked again: it may have been restored. The database cascades; Django would load every row.
        due = Organization.objects.filter(pk=pk, status=OrgStatus.DELETING, deleting_since__lte=grace_start())
        return bool(due._raw_delete(due.db))


def grace_start() -> datetime:
    """What was deleted after this moment can be restored."""
    return timezone.now() - timedelta(days=settings.TENANTRY_DELETION_GRACE_DAYS)
