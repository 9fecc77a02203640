"""Metrics in the console: definitions for who works in all organizations, events to read, and a chart of any metric."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.admin.charts import HEIGHT, draw_chart, nice_end
from tenants.metrics.series import Point
from tenants.models import MetricDefinition, MetricEvent
from tests.factories import make_store

CHART = "/admin/tenants/metricevent/chart/"
PARTITIONS = "/admin/tenants/metricevent/partitions/"
DAYS = {"start": "2026-03-01", "stop": "2026-03-03", "bucket": "day"}


@pytest.fixture
def visits(db):
    return MetricDefinition.objects.create(key="visits", display_name="Visits", unit="visits")


def measure(org, value, day=1, **said):
    moment = datetime(2026, 3, day, 12, tzinfo=UTC)
    MetricEvent.objects.create(org=org, metric_key="visits", value=value, recorded_at=moment, **said)


def page(client, **asked):
    answer = client.get(CHART, {"key": "visits", **DAYS, **asked})
    assert answer.status_code == 200
    return answer.content.decode()


def told(text):
    """What pointing at each shape says."""
    return [title for title in re.findall(r"<title>([^<]*)</title>", text) if ": " in title]


@pytest.mark.django_db
class TestChart:
    def test_it_draws_what_the_console_s_organization_measured(self, in_org, org, other_org, visits):
        measure(org, 1200)
        measure(org, 30, day=3)
        measure(other_org, 5000)
        text = page(in_org)
        assert told(text) == ["1 Mar 2026: 1,200", "2 Mar 2026: 0", "3 Mar 2026: 30"]
        assert "5,000" not in text
        assert "Highest 1,200 (1 Mar 2026), lowest 30 (3 Mar 2026); 2 events." in text

    def test_a_line_has_a_gap_where_nothing_was_measured(self, in_org, org, visits):
        MetricDefinition.objects.update(aggregation_method="avg")
        measure(org, 1)
        measure(org, 3, day=3)
        assert told(page(in_org)) == ["1 Mar 2026: 1", "3 Mar 2026: 3"]

    def test_one_store_can_be_chosen(self, in_org, org, visits):
        store = make_store(org)
        measure(org, 7, store=store)
        measure(org, 100)
        assert told(page(in_org, store=str(store.pk)))[0] == "1 Mar 2026: 7"

    @pytest.mark.parametrize(("bucket", "steps"), [("day", 1), ("hour", 23)])
    def test_the_day_on_which_clocks_go_forward_is_a_day_and_no_more(self, in_org, org, visits, bucket, steps):
        store = make_store(org)
        type(store).objects.filter(pk=store.pk).update(timezone="Europe/Berlin")
        days = {"start": "2026-03-29", "stop": "2026-03-29", "bucket": bucket}
        assert len(told(page(in_org, store=str(store.pk), **days))) == steps

    def test_the_first_day_of_the_calendar_is_no_accident_east_of_greenwich(self, in_org, org, visits):
        store = make_store(org)
        type(store).objects.filter(pk=store.pk).update(timezone="Asia/Tokyo")
        assert "take fewer days" in page(in_org, store=str(store.pk), start="0001-01-01")

    def test_another_organization_s_store_cannot(self, in_org, other_org, visits):
        foreign = make_store(other_org)
        measure(other_org, 7, store=foreign)
        text = page(in_org, store=str(foreign.pk))
        assert "Select a valid choice" in text
        assert told(text) == []

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"start": "2026-03-09"}, "The first day comes after the last."),
            ({"start": "nonsense"}, "Enter a valid date"),
            ({"key": "nonsense"}, "Select a valid choice"),
            ({"bucket": "hour", "start": "2020-01-01"}, "more than 1000 steps"),
            ({"start": "0001-01-01"}, "more than 1000 steps"),
            ({"start": "9999-12-31", "stop": "9999-12-31"}, "more than 1000 steps"),
        ],
    )
    def test_what_cannot_be_drawn_is_said(self, in_org, visits, asked, said):
        assert said in page(in_org, **asked)

    def test_the_table_says_the_same(self, in_org, org, visits):
        measure(org, Decimal("12.5"))
        assert re.search(r'<th scope="row">1 Mar 2026</th><td>12.5</td><td>1</td>', page(in_org))

    def test_before_anything_is_defined_it_says_so(self, in_org):
        assert "Nothing is defined to be measured yet" in in_org.get(CHART).content.decode()


@pytest.mark.django_db
class TestDefinitions:
    form = {"key": "visits", "display_name": "Visits", "aggregation_method": "sum", "metadata": "{}"}

    def test_who_works_in_all_organizations_makes_and_changes_them(self, in_all):
        in_all.post("/admin/tenants/metricdefinition/add/", self.form)
        made = MetricDefinition.objects.get(key="visits")
        change = {**self.form, "key": "other", "display_name": "Guests"}
        in_all.post(f"/admin/tenants/metricdefinition/{made.pk}/change/", change)
        made.refresh_from_db()
        assert (made.key, made.display_name) == ("visits", "Guests")

    def test_in_one_organization_they_are_read(self, in_org, visits):
        assert in_org.post("/admin/tenants/metricdefinition/add/", {**self.form, "key": "new"}).status_code == 403
        address = f"/admin/tenants/metricdefinition/{visits.pk}/"
        assert in_org.post(f"{address}change/", self.form).status_code == 403
        assert in_org.post(f"{address}delete/", {"post": "yes"}).status_code == 403
        assert "Visits" in in_org.get(f"{address}change/").content.decode()

    def test_one_that_has_events_is_not_deleted_and_the_page_says_so(self, in_all, org, visits):
        measure(org, 1)
        answer = in_all.post(f"/admin/tenants/metricdefinition/{visits.pk}/delete/", {"post": "yes"}, follow=True)
        assert answer.status_code < 500
        assert MetricDefinition.objects.filter(pk=visits.pk).exists()


@pytest.mark.django_db
class TestPartitionsPage:
    def test_it_shows_the_months_of_both_tables(self, in_all):
        text = in_all.get(PARTITIONS).content.decode()
        assert "audit_logs" in text
        assert "metric_events" in text
        assert "3 months ahead of 3 wanted" in text
        assert "maintain" not in text

    def test_it_is_for_who_works_in_all_organizations(self, in_org, as_operator):
        assert in_org.get(PARTITIONS).status_code == 403
        assert as_operator.get(PARTITIONS).status_code == 403


@given(st.lists(st.none() | st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=60), st.booleans())
def test_whatever_the_values_all_shapes_are_on_the_canvas(values, as_bars):
    start = datetime(2026, 3, 1, tzinfo=UTC)
    points = [Point(start + timedelta(days=n), value, 1) for n, value in enumerate(values)]
    chart = draw_chart(points, [str(n) for n in range(len(values))], as_bars=as_bars)
    heights = [float(bar.y) for bar in chart.bars] + [float(y) for _, y, _ in chart.dots] + [float(chart.zero)]
    assert all(-0.1 <= y <= HEIGHT + 0.1 for y in heights)
    assert len(chart.bars) + len(chart.dots) == sum(value is not None for value in values)


@pytest.mark.parametrize(("value", "end"), [("0", "0"), ("9", "10"), ("12", "15"), ("0.23", "0.25"), ("-5.1", "-6")])
def test_scales_end_at_round_numbers(value, end):
    assert nice_end(Decimal(value)) == Decimal(end)
