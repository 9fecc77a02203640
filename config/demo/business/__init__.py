"""A year of business in the demo: customers, revenue, activities, AI usage, keys of machines, doctors."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from config.demo.names import FIRST, LAST
from config.demo.world import ORGS, OrgPlan
from postgres.names import fill
from tenants.models import Activity, Customer, Organization, OrgStatus, Revenue

FOLDER = Path(__file__).parent
# In the order of their foreign keys.
FILES = ("customers", "revenue", "activities", "ai_usage", "api_keys", "doctors")
# What an organization sells, and how many customers it has in the small world.
SHAPES = {
    "brightwater-stores": (70, "Retail", 180),
    "all-solutions-consulting": (36, "Healthcare", 1450),
    "meridian-agency": (24, "Media", 3900),
    "fjord-and-field": (5, "Food", 60),
    "copper-kettle": (18, "Hospitality", 95),
    "paper-lantern": (9, "Design", 640),
}
# A revenue row is three of the log, with its customer's: more than this takes minutes.
LARGE = 40
YEAR = timedelta(days=365)
SUSPENDED_FOR = timedelta(days=34)


@dataclass(frozen=True)
class Market:
    """One organization's business: how many customers, in what, for how much, from when until when."""

    slug: str
    customers: int
    industry: str
    amount: int
    start: datetime
    stop: datetime


def business_stands() -> bool:
    """Whether any business was ever done: what was deleted since does not come back."""
    return any(m._default_manager.exists() for m in (Customer, Revenue, Activity))


def build_business(scale: int = 1) -> None:
    """A year of it for every organization that is there, in a handful of statements."""
    now = timezone.now()
    there = set(Organization.objects.values_list("slug", flat=True))
    markets = [plan_market(plan, now, scale) for plan in ORGS if plan.slug in there]
    names: dict[str, Any] = {
        "slugs": [m.slug for m in markets],
        "customers": [m.customers for m in markets],
        "industries": [m.industry for m in markets],
        "amounts": [m.amount for m in markets],
        "starts": [m.start for m in markets],
        "stops": [m.stop for m in markets],
        "first": FIRST,
        "last": LAST,
    }
    with connection.cursor() as cursor:
        cursor.execute(fill((FOLDER / "markets.sql").read_text(encoding="utf-8")), names)
        for name in FILES:
            cursor.execute(fill((FOLDER / f"{name}.sql").read_text(encoding="utf-8")), names)


def plan_market(plan: OrgPlan, now: datetime, scale: int) -> Market:
    """At most a year back, and not beyond the day on which an organization stopped."""
    count, industry, amount = SHAPES[plan.slug]
    idle = timedelta(days=plan.deleting_days or 0)
    if plan.status == OrgStatus.SUSPENDED:
        idle = SUSPENDED_FOR
    start = max(now - YEAR, now - timedelta(days=plan.age_days - 1))
    return Market(plan.slug, count * scale, industry, amount, start, now - idle)
