"""The log's screens: names instead of ids, links to what is still there, and searches that an index serves."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory

from audit.admin.log import time_in
from audit.models import AuditLog
from tenants.models import Customer, Revenue
from tests.factories import make_org

pytestmark = pytest.mark.django_db


class AllOrgs:
    """What a screen asks of a scope."""

    org_id = None
    all_orgs = True


@pytest.fixture
def amount(org):
    customer = Customer.objects.create(org=org, name="Acme Ltd")
    return Revenue.objects.create(org=org, customer=customer, amount=10, date="2026-03-01")


def entry_about(row, action="INSERT"):
    return AuditLog.objects.get(table_name=row._meta.db_table, record_id=str(row.pk), action=action)


def read_entry(client, row, action="INSERT"):
    return client.get(f"/admin/audit/auditlog/{entry_about(row, action).pk}/change/").content.decode()


def test_an_entry_names_the_rows_that_a_row_points_to(in_all, amount) -> None:
    page = read_entry(in_all, amount)
    assert 'class="new">Acme Ltd</span>' in page
    assert f'class="new">{amount.customer_id}' not in page


def test_an_entry_leads_to_its_row_its_organization_and_all_about_the_row(in_all, org, amount) -> None:
    page = read_entry(in_all, amount)
    assert f"/admin/tenants/revenue/{amount.pk}/change/" in page
    assert f"/admin/tenants/organization/{org.pk}/change/" in page
    assert f"?table=revenue&amp;q={amount.pk}" in page


def test_an_entry_about_a_row_that_went_leads_to_no_page(in_all, amount) -> None:
    key = amount.pk
    amount.delete()
    amount.pk = key
    assert f"/admin/tenants/revenue/{key}/change/" not in read_entry(in_all, amount, "DELETE")


def test_a_name_from_another_organization_is_not_told(in_org, org, amount) -> None:
    """The id may be that of a row elsewhere: what the reader's scope does not see has no name."""
    there = Customer.objects.create(org=make_org(), name="Secret Ltd")
    with connection.cursor() as cursor:
        cursor.execute(
            "select log_event('test.event', %s, 'revenue', 'x', jsonb_build_object('customer_id', %s::text))",
            [org.pk, there.pk],
        )
    entry = AuditLog.objects.get(action="test.event")
    page = in_org.get(f"/admin/audit/auditlog/{entry.pk}/change/").content.decode()
    assert str(there.pk) in page
    assert "Secret Ltd" not in page


def test_the_log_is_searched_by_row_and_by_person(in_org, superuser, amount) -> None:
    found = in_org.get("/admin/audit/auditlog/", {"q": str(amount.pk)}).context["cl"].result_count
    assert found == 1
    in_org.post(f"/admin/tenants/revenue/{amount.pk}/change/", {"date": "2026-03-02", "amount": "11"})
    by_person = in_org.get("/admin/audit/auditlog/", {"q": superuser.email.upper()}).context["cl"].queryset
    assert "revenue" in {entry.table_name for entry in by_person}
    assert {entry.user_id for entry in by_person} == {superuser.pk}


@pytest.mark.parametrize("odd", ["not json", "[1]", "{}", "%", "'", "x" * 5000])
def test_an_entry_with_an_odd_key_has_a_page(in_all, org, odd) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select log_event('test.event', %s, 'revenue', %s, '{}'::jsonb)", [org.pk, odd])
    entry = AuditLog.objects.get(action="test.event")
    assert in_all.get(f"/admin/audit/auditlog/{entry.pk}/change/").status_code == 200
    assert in_all.get("/admin/audit/auditlog/", {"q": odd}).status_code == 200


def test_all_organizations_log_ends_where_the_planner_would_sort_it(in_all) -> None:
    assert in_all.get("/admin/audit/auditlog/").context["cl"].paginator.limit == 1_000


def test_an_entry_is_found_near_the_time_that_its_id_tells(in_all, org) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select log_event('test.event', %s, 'revenue', 'x', '{}'::jsonb)", [org.pk])
    entry = AuditLog.objects.get(action="test.event")
    screen = admin.site._registry[AuditLog]
    request = RequestFactory().get("/")
    request.scope = AllOrgs()  # type: ignore[attr-defined]
    assert time_in(entry.pk) - entry.created_at < timedelta(minutes=5)
    assert screen.get_object(request, str(entry.pk)) == entry
    assert screen.get_object(request, "nonsense") is None
