"""The numbers behind the pictures, each one query that the scope narrows, remembered for a minute per scope."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate, TruncMonth
from django.http import HttpRequest
from django.utils import timezone

from audit.models import AuditLog
from config.dashboard.pictures import Point
from postgres.partitions import month_after
from tenants.admin.base import scope_of
from tenants.models import AiUsage, MemberState, Organization, OrgMember

REMEMBERED_SECONDS, DAY_SECONDS = 60, 86_400
MONTHS, DAYS, MOST_BARS = 12, 30, 8
T = TypeVar("T")


def remember(request: HttpRequest, name: str, read: Callable[[], T]) -> T:
    """What one scope sees is nobody else's: the scope is a part of the key, and so is the database."""
    found: T = cache.get_or_set(_key(request, name), read, REMEMBERED_SECONDS)  # type: ignore[assignment]
    return found


def _key(request: HttpRequest, name: str) -> str:
    place = scope_of(request).org_id or "all"
    return f"dashboard:{connection.settings_dict['NAME']}:{place}:{name}"


def count_organizations() -> list[Point]:
    """How many there were at the end of each month."""
    return _accumulate(Organization.objects.all(), "created_at")


def count_members() -> list[Point]:
    """People who are members today, by when they joined."""
    return _accumulate(OrgMember.objects.filter(state=MemberState.ACTIVE), "joined_at")


def count_writes(request: HttpRequest) -> list[Point]:
    """Log entries per day: days that are over are remembered for long, since nobody writes into them any more."""
    days = [_today() - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    keys = {day: _key(request, f"writes:{day}") for day in days[:-1]}
    known = cache.get_many(keys.values())
    unknown = [day for day in days if keys.get(day) not in known]
    found = _count_since(min(unknown), scope_of(request).org_id)
    # Of yesterday a long transaction may still be on its way.
    cache.set_many({keys[day]: found.get(day, 0) for day in unknown if day < days[-2]}, DAY_SECONDS)
    return [Point(f"{day:%-d %b}", found.get(day, known.get(keys.get(day, ""), 0))) for day in days]


def _count_since(start: date, org_id: Any) -> dict[date, int]:
    rows = AuditLog.objects.filter(created_at__gte=datetime(start.year, start.month, start.day, tzinfo=UTC))
    rows = rows.filter(org_id=org_id) if org_id else rows
    # As dates: truncated times take three times as long to count.
    per_day = rows.order_by().annotate(day=TruncDate("created_at", tzinfo=UTC)).values_list("day")
    return dict(per_day.annotate(n=Count("*")))


def sum_ai_costs(org_id: Any) -> list[Point]:
    """By organization in all of them, by model within one: the dearest of the last days."""
    rows = AiUsage.objects.filter(date__gt=_today() - timedelta(days=DAYS)).order_by()
    group = "model" if org_id else "org_id"
    summed = rows.filter(org_id=org_id) if org_id else rows
    dearest = list(summed.values_list(group).annotate(cost=Sum("cost_usd")).order_by("-cost")[:MOST_BARS])
    names = {} if org_id else _names(key for key, _ in dearest)
    return [Point(names.get(key, str(key)), float(cost), f"${cost:,.2f}") for key, cost in dearest if cost]


def _names(keys: Iterable[Any]) -> dict[Any, str]:
    return dict(Organization.objects.filter(pk__in=list(keys)).values_list("pk", "name"))


def _accumulate(rows: Any, field: str) -> list[Point]:
    months = _months()
    per_month = (
        rows.order_by().annotate(month=TruncMonth(field, tzinfo=UTC)).values_list("month").annotate(n=Count("*"))
    )
    found = [(month.date(), n) for month, n in per_month if month]
    return [Point(f"{month:%b %Y}", sum(n for at, n in found if at <= month)) for month in months]


def _months() -> list[date]:
    """The last twelve, this one included."""
    today = _today()
    first = date(today.year - 1, today.month, 1)
    months = []
    for _ in range(MONTHS):
        first = month_after(first)
        months.append(first)
    return months


def _today() -> date:
    return timezone.now().astimezone(UTC).date()
