"""Puts the front page together: notices, pictures that the person may see, counts and the last changes."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from config.dashboard.attention import find_notices
from config.dashboard.figures import count_members, count_organizations, count_writes, remember, sum_ai_costs
from config.dashboard.pictures import Picture, Point, draw_bars, draw_line, draw_shares
from tenants.admin.base import scope_of
from tenants.backfill.status import read_status
from tenants.models import Conversion, ConversionState, TableState

TABLES_SHOWN = 6


def build_dashboard(request: HttpRequest) -> dict[str, Any]:
    """What changes by the minute is remembered for one; notices are looked up each time."""
    makers = (picture_organizations, picture_members, picture_writes, picture_costs, picture_conversion)
    pictures = [picture for make in makers if (picture := make(request))]
    return {"notices": find_notices(request), "pictures": pictures}


def picture_organizations(request: HttpRequest) -> Picture | None:
    """Only where there is more than one to count."""
    if not (scope_of(request).all_orgs and request.user.has_perm("tenants.view_organization")):
        return None
    points = remember(request, "organizations", count_organizations)
    return _draw_growth("organizations", "Organizations", points, reverse("admin:tenants_organization_changelist"))


def picture_members(request: HttpRequest) -> Picture | None:
    """Active members, by when they joined."""
    if not request.user.has_perm("tenants.view_orgmember"):
        return None
    points = remember(request, "members", count_members)
    return _draw_growth("members", "Members", points, reverse("admin:tenants_orgmember_changelist"))


def _draw_growth(key: str, title: str, points: list[Point], link: str) -> Picture:
    line, area = draw_line(points)
    grown = points[-1].value - points[0].value
    since = f"{grown:,.0f} more than in {points[0].label}" if grown > 0 else f"as many as in {points[0].label}"
    return Picture(
        key,
        title,
        "line",
        points,
        f"{points[-1].text}, {since}.",
        f"No {title.lower()} yet.",
        link,
        line=line,
        area=area,
    )


def picture_writes(request: HttpRequest) -> Picture | None:
    """What was written, from the log."""
    if not request.user.has_perm("audit.view_auditlog"):
        return None
    points = remember(request, "writes", lambda: count_writes(request))
    whole = sum(point.value for point in points)
    return Picture(
        "writes",
        "Writes per day",
        "bars",
        points,
        f"{whole:,.0f} changes in 30 days, {points[-1].text} today.",
        "Nothing was written in the last 30 days.",
        reverse("admin:audit_auditlog_changelist"),
        ("Day", "Changes"),
        bars=draw_bars(points),
    )


def picture_costs(request: HttpRequest) -> Picture | None:
    """Who spends, or on what."""
    if not request.user.has_perm("tenants.view_aiusage"):
        return None
    org_id = scope_of(request).org_id
    points = remember(request, "costs", lambda: sum_ai_costs(org_id))
    what = "model" if org_id else "organization"
    whole = sum(point.value for point in points)
    return Picture(
        "costs",
        f"AI cost by {what}",
        "shares",
        points,
        f"${whole:,.2f} in 30 days.",
        "No AI query was logged in the last 30 days.",
        reverse("admin:tenants_aiusage_changelist"),
        (what.capitalize(), "Cost"),
        shares=draw_shares(points),
    )


def picture_conversion(request: HttpRequest) -> Picture | None:
    """The newest open conversion, the tables that are not done first."""
    if not scope_of(request).all_orgs:
        return None
    conversion = Conversion.objects.filter(state=ConversionState.OPEN).order_by("-number").first()
    if conversion is None:
        return None
    tables = sorted(read_status(conversion).tables, key=lambda t: (t.state == TableState.DONE, _percent(t)))
    shown = [Point(t.table, max(_percent(t), 0.01), f"{_percent(t)} %, {t.phase}") for t in tables[:TABLES_SHOWN]]
    done = sum(table.state == TableState.DONE for table in tables)
    return Picture(
        "conversion",
        str(conversion),
        "shares",
        shown,
        f"{done} of {len(tables)} tables have nothing left to fill.",
        "No table has been taken up yet.",
        reverse("admin:tenants_conversion_change", args=[conversion.pk]),
        ("Table", "Progress"),
        shares=[(point, round(point.value)) for point in shown],
    )


def _percent(table: Any) -> int:
    whole = max(table.rows_estimate, table.rows_passed)
    if table.state == TableState.DONE:
        return 100
    return min(99, table.rows_passed * 100 // whole) if whole else 0
