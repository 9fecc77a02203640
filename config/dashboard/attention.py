"""What needs attention: small functions that look, each a notice or nothing; a new one is added to LOOKS."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.review.findings import count_open_findings
from config.dashboard.notices import Look, Notice, tell_count
from config.dashboard.standing import look_at_doctor, look_at_partitions, look_at_protection
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
    told = f"More than {COUNTED:,} findings" if count > COUNTED else tell_count(count, "finding")
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
    return Notice("danger", f"{tell_count(count, 'row')} of a conversion without organization", where, "Decide")


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
            return Notice("danger", f"{conversion} ended at {tell_count(parked, 'table')}", where, "Look")
        held = _find_hold(conversion)
        if held:
            return Notice("warning", f"{conversion} is {held}", where, "Look")
    return None


def _find_hold(conversion: Conversion) -> str:
    since = timezone.now() - SILENT_AFTER
    workers = ConversionWorker.objects.filter(conversion=conversion, ended_at=None, seen_at__gte=since)
    reasons = list(workers.exclude(held_because="").values_list("held_because", flat=True))
    return reasons[0] if reasons and find_coordinator(conversion) else ""


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
        "info", f"{tell_count(count, 'invitation')} expire{'s' * (count == 1)} within {days} days", where, "Resend"
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
    sentence = f"{tell_count(count, 'deleted organization')} can be restored until {days} days are over"
    return Notice("info", sentence, where, "See which")


LOOKS: tuple[Look, ...] = (
    look_at_findings,
    look_at_decisions,
    look_at_conversions,
    look_at_protection,
    look_at_doctor,
    look_at_partitions,
    look_at_invitations,
    look_at_deletions,
)
