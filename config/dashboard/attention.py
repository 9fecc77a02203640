"""What needs attention: small functions that look, each a notice or nothing; a new one is added to LOOKS."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.review.findings import count_open_findings
from audit.partitions import LOG
from postgres.partitions import list_partitions, months_from
from tenants.admin.base import scope_of
from tenants.backfill.coordinator import find_coordinator
from tenants.models import (
    Conversion,
    ConversionState,
    ConversionWorker,
    Invitation,
    InvitationState,
    Organization,
    OrgStatus,
    QuarantinedRow,
    TableState,
)

INVITATIONS_WITHIN = timedelta(days=3)
COUNTED = 10_000
SILENT_AFTER = timedelta(minutes=2)
# Fewer months ahead than this, and whatever makes them has stopped working.
MONTHS_WANTED = 2
READ_UNGUARDED = """
select count(*) from pg_catalog.pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relname = any (%s)
    and not (c.relrowsecurity and c.relforcerowsecurity)
"""


@dataclass(frozen=True)
class Notice:
    """One thing to deal with: how bad, in a sentence, where, and what the link is called."""

    tone: str
    sentence: str
    link: str = ""
    action: str = ""
    command: str = ""


Look = Callable[[HttpRequest], Notice | None]


def find_notices(request: HttpRequest) -> list[Notice]:
    """Everything that there is, the worst first."""
    order = ("danger", "warning", "info")
    notices = [notice for look in LOOKS if (notice := look(request))]
    return sorted(notices, key=lambda notice: order.index(notice.tone))


def look_at_findings(request: HttpRequest) -> Notice | None:
    """Access that looks wrong and that nobody has judged yet."""
    if not request.user.has_perm("accounts.view_accessfinding"):
        return None
    count = count_open_findings(COUNTED + 1)
    if not count:
        return None
    told = f"More than {COUNTED:,} findings" if count > COUNTED else _told(count, "finding")
    where = reverse("admin:accounts_accessfinding_changelist")
    return Notice("danger", f"{told} of access that looks wrong", where, "Review")


def look_at_decisions(request: HttpRequest) -> Notice | None:
    """Rows that a conversion could give to nobody."""
    if not scope_of(request).all_orgs:
        return None
    waiting = QuarantinedRow.objects.filter(decided_org=None, applied_at=None)
    count = waiting.filter(table__conversion__state=ConversionState.OPEN).count()
    if not count:
        return None
    where = reverse("admin:tenants_quarantinedrow_changelist", query={"decision": "waits"})
    return Notice("danger", f"{_told(count, 'row')} of a conversion without organization", where, "Decide")


def look_at_conversions(request: HttpRequest) -> Notice | None:
    """Conversions that ended at something, are paused, or are held."""
    if not scope_of(request).all_orgs:
        return None
    for conversion in Conversion.objects.filter(state=ConversionState.OPEN):
        where = reverse("admin:tenants_conversion_change", args=[conversion.pk])
        if conversion.paused_at:
            reason = f": {conversion.pause_reason}" if conversion.pause_reason else ""
            return Notice("warning", f"{conversion} is paused{reason}", where, "Resume")
        parked = conversion.tables.filter(state=TableState.PARKED).count()
        if parked:
            return Notice("danger", f"{conversion} ended at {_told(parked, 'table')}", where, "Look")
        held = _find_hold(conversion)
        if held:
            return Notice("warning", f"{conversion} is {held}", where, "Look")
    return None


def _find_hold(conversion: Conversion) -> str:
    since = timezone.now() - SILENT_AFTER
    workers = ConversionWorker.objects.filter(conversion=conversion, ended_at=None, seen_at__gte=since)
    reasons = list(workers.exclude(held_because="").values_list("held_because", flat=True))
    return reasons[0] if reasons and find_coordinator(conversion) else ""


def look_at_protection(request: HttpRequest) -> Notice | None:
    """A cheap part of what the doctor asks, from the catalog: does every table enforce row-level security?"""
    tables = [m._meta.db_table for m in apps.get_models() if m._meta.app_label in settings.TENANTRY_APPS]
    with connection.cursor() as cursor:
        cursor.execute(READ_UNGUARDED, [tables])
        count = cursor.fetchone()[0]
    if not count:
        return None
    sentence = f"{_told(count, 'table')} without row-level security: organizations are not kept apart there"
    return Notice("danger", sentence, command="manage.py doctor")


def look_at_partitions(request: HttpRequest) -> Notice | None:
    """Months of the log that should be there by now."""
    with connection.cursor() as cursor:
        present = list_partitions(cursor, LOG)
    due = months_from(timezone.now().date(), MONTHS_WANTED)
    missing = [month for month in due if LOG.name_of(month) not in present]
    if not missing:
        return None
    sentence = f"The log has no partition for {missing[0]:%B %Y}: its rows go to the default one"
    return Notice("warning", sentence, command="manage.py maintain")


def look_at_invitations(request: HttpRequest) -> Notice | None:
    """Invitations that are about to be of no use."""
    if not request.user.has_perm("tenants.view_invitation"):
        return None
    now = timezone.now()
    soon = Q(expires_at__gt=now, expires_at__lte=now + INVITATIONS_WITHIN)
    count = Invitation.objects.filter(soon, state=InvitationState.PENDING).order_by().count()
    if not count:
        return None
    where = reverse("admin:tenants_invitation_changelist", query={"state__exact": InvitationState.PENDING})
    days = INVITATIONS_WITHIN.days
    return Notice(
        "info", f"{_told(count, 'invitation')} expire{'s' * (count == 1)} within {days} days", where, "Resend"
    )


def look_at_deletions(request: HttpRequest) -> Notice | None:
    """Organizations whose grace period runs."""
    if not (scope_of(request).all_orgs and request.user.has_perm("tenants.view_organization")):
        return None
    count = Organization.objects.filter(status=OrgStatus.DELETING).count()
    if not count:
        return None
    where = reverse("admin:tenants_organization_changelist", query={"status__exact": OrgStatus.DELETING})
    days = settings.TENANTRY_DELETION_GRACE_DAYS
    sentence = f"{_told(count, 'deleted organization')} can be restored until {days} days are over"
    return Notice("info", sentence, where, "See which")


def _told(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


LOOKS: tuple[Look, ...] = (
    look_at_findings,
    look_at_decisions,
    look_at_conversions,
    look_at_protection,
    look_at_partitions,
    look_at_invitations,
    look_at_deletions,
)
