"""The business of the demo: a year of it, of every kind, and its sums are right."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from config.demo.business import LARGE, plan_market
from config.demo.parts import PARTS
from config.demo.world import DEMO_ORG, ORGS
from tenants.models import (
    Activity,
    ActivityType,
    AiUsage,
    ApiKey,
    Customer,
    CustomerStatus,
    Doctor,
    Organization,
    OrgMember,
    OrgStatus,
    Revenue,
)
from tests.config.test_demo import run_demo

pytestmark = pytest.mark.django_db


def test_every_organization_had_a_year_of_business_and_none_after_it_stopped():
    run_demo()
    today = timezone.now().date()
    months = Revenue.objects.filter(org=DEMO_ORG).dates("date", "month")
    assert len(months) >= 12
    for org in Organization.objects.all():
        days = Revenue.objects.filter(org=org).values_list("date", flat=True)
        assert days, org.slug
        assert min(days) >= org.created_at.date()
        assert max(days) <= (org.deleting_since.date() if org.deleting_since else today)
    stopped = Organization.objects.get(status=OrgStatus.SUSPENDED)
    assert max(Revenue.objects.filter(org=stopped).values_list("date", flat=True)) < today - timedelta(days=30)


def test_business_is_of_every_kind():
    run_demo()
    assert set(Customer.objects.values_list("status", flat=True)) == set(CustomerStatus.values)
    assert Customer.objects.filter(deleted_at__isnull=False).exists()
    assert set(Activity.objects.values_list("type", flat=True)) == set(ActivityType.values)
    assert {float(a) > 0 for a in Revenue.objects.values_list("amount", flat=True)} == {True, False}
    assert AiUsage.objects.values("model").distinct().count() == 3
    assert ApiKey.objects.filter(revoked_at__isnull=False).exists()
    assert ApiKey.objects.filter(expires_at__lt=timezone.now()).exists()
    assert not ApiKey.objects.exclude(created_by__isnull=False).exists()
    assert Doctor.objects.filter(name__startswith="Dr. ").exists()


def test_ai_is_used_by_members_who_had_joined():
    run_demo()
    for usage in AiUsage.objects.select_related("user").iterator():
        member = OrgMember.objects.get(org_id=usage.org_id, user_id=usage.user_id)
        assert member.joined_at is not None
        assert usage.date >= member.joined_at.date()


def test_the_totals_of_customers_are_what_they_paid():
    run_demo()
    paid = Customer.objects.annotate(paid=Coalesce(Sum("revenue__amount"), Decimal(0)))
    assert [c.name for c in paid if c.paid != c.total_revenue] == []


def test_the_large_world_has_more_business(monkeypatch):
    part = next(part for part in PARTS if part.name == "a year of business")
    asked: list[str] = []
    large = replace(part, build=lambda: asked.append("small"), build_large=lambda: asked.append("large"))
    monkeypatch.setattr("config.management.commands.demo.PARTS", [large if p is part else p for p in PARTS])
    run_demo(size="large")
    assert asked == ["large"]
    market = plan_market(ORGS[0], timezone.now(), LARGE)
    assert market.customers == LARGE * plan_market(ORGS[0], timezone.now(), 1).customers


def test_who_asks_for_the_large_one_where_business_stands_is_told_that_nothing_came_of_it(capsys):
    run_demo()
    before = Customer.objects.count()
    run_demo(size="large")
    assert "stands already and was left alone" in capsys.readouterr().err
    assert Customer.objects.count() == before
