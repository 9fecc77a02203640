"""How far ahead partitions reach, as those who watch are told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from postgres.partitions import month_after
from tenants.metrics.coverage import partition_coverage
from tenants.metrics.events import NewEvent, add_events
from tenants.metrics.partitions import EVENTS
from tenants.models import MetricDefinition
from tenants.scope import api_scope, service_scope, staff_scope
from tests.factories import make_superuser

pytestmark = pytest.mark.django_db


def coverage_of_events():
    with transaction.atomic(), service_scope("metrics"):
        (found,) = (c for c in partition_coverage() if c.table == "metric_events")
    return found


def test_all_is_covered_after_maintain(settings):
    found = coverage_of_events()
    assert (found.ahead, found.waiting, found.covered) == (settings.TENANTRY_MONTHS_AHEAD, 0, True)
    assert found.parts[0].month == timezone.now().date().replace(day=1)


def test_a_month_that_is_missing_ends_what_is_ahead():
    soon = month_after(month_after(timezone.now().date()))
    with connection.cursor() as cursor:
        cursor.execute(f"drop table {EVENTS.name_of(soon)}")
    found = coverage_of_events()
    assert (found.ahead, found.covered) == (1, False)


def test_rows_that_wait_for_a_month_are_counted(org):
    MetricDefinition.objects.create(key="visits", display_name="Visits")
    first = datetime(2091, 1, 1, tzinfo=UTC)
    add_events(org.pk, [NewEvent("visits", first + timedelta(hours=n), Decimal(1)) for n in range(3)])
    found = coverage_of_events()
    assert (found.waiting, found.covered) == (3, False)


def test_the_console_is_told_and_a_client_is_not(org, owner):
    with transaction.atomic(), staff_scope(make_superuser().pk, all_orgs=True):
        assert len(partition_coverage()) == 2
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), api_scope(owner.pk, org.pk):
        partition_coverage()
