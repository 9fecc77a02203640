"""The log's screens: names instead of ids, links to what is still there, and searches that an index serves."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory

from accounts.models import User, UserPreferences
from audit.admin.exploring import time_in
from audit.models import AuditLog
from postgres.keys import new_id
from tenants.models import Customer, Revenue
from tenants.scope import owner_scope, staff_scope
from tests.factories import make_member, make_org, make_store

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


def change_names(*rows) -> None:
    for row in rows:
        type(row).objects.filter(pk=row.pk).update(company="Changed Ltd")


def test_the_list_names_a_row_whose_entry_holds_its_changes_only(in_all, as_operator, amount, other_org) -> None:
    theirs = Customer.objects.create(org=other_org, name="Beyond Ltd")
    change_names(amount.customer, theirs)
    asked = {"table": "customers", "did": "UPDATE"}
    both = unescape(in_all.get("/admin/audit/auditlog/", asked).content.decode())
    assert ">Acme Ltd</a>" in both
    assert ">Beyond Ltd</a>" in both
    assert "Beyond Ltd" not in as_operator.get("/admin/audit/auditlog/", asked).content.decode()
    assert "customer Beyond Ltd" in read_entry(in_all, theirs, "UPDATE")


def test_rows_about_a_person_go_by_the_e_mail_even_when_they_are_gone(in_all, org) -> None:
    stays, goes = make_member(org), make_member(org)
    type(stays).objects.filter(pk=stays.pk).update(role="admin")
    goes.delete()
    page = in_all.get("/admin/audit/auditlog/", {"table": "org_members", "did": "UPDATE"}).content.decode()
    assert f">{stays.user.email}</a>" in page
    page = in_all.get("/admin/audit/auditlog/", {"table": "org_members", "did": "DELETE"}).content.decode()
    assert goes.user.email in page


def test_preferences_go_by_their_persons_e_mail(in_all, org) -> None:
    person = make_member(org).user
    UserPreferences.objects.filter(pk=person.pk).update(theme_preference="dark")
    page = in_all.get("/admin/audit/auditlog/", {"table": "user_preferences", "did": "UPDATE"}).content.decode()
    assert person.email in page


def test_a_row_that_is_gone_is_told_by_the_end_of_its_key(in_all, amount) -> None:
    change_names(amount.customer)
    with connection.cursor() as cursor:
        cursor.execute("delete from revenue")
        cursor.execute("delete from customers")
    page = in_all.get("/admin/audit/auditlog/", {"table": "customers", "did": "UPDATE"}).content.decode()
    assert f"…{str(amount.customer_id)[-8:]}" in page


def test_names_cost_the_list_a_query_for_each_table_and_not_for_each_row(
    in_all, org, django_assert_max_num_queries
) -> None:
    change_names(*(Customer.objects.create(org=org, name=f"Customer {n}") for n in range(40)))
    in_all.get("/admin/audit/auditlog/")
    with django_assert_max_num_queries(30):
        in_all.get("/admin/audit/auditlog/")


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
    made = time_in(entry.pk)
    assert made
    assert made - entry.created_at < timedelta(minutes=5)
    assert screen.get_object(request, str(entry.pk)) == entry
    assert screen.get_object(request, "nonsense") is None


# The last moment of the calendar, and one beyond it, as time-ordered ids have them.
@pytest.mark.parametrize("key", ["e677d21f-d818-7000-8000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"])
def test_an_id_whose_time_is_at_the_end_of_the_calendar_is_nothing_to_break_at(in_all, key) -> None:
    assert in_all.get(f"{LOG}{key}/change/").status_code == 404
    assert listed(in_all, request=key) == []


LOG = "/admin/audit/auditlog/"


def work(superuser, *orgs, **claims):
    """A store in each organization, made by a person in one request; the entries that tell of them."""
    with staff_scope(superuser.pk, all_orgs=True, **claims):
        made = [make_store(org, f"Kiosk {claims['request_id']}/{n}") for n, org in enumerate(orgs)]
    return [AuditLog.objects.get(record_id=str(store.pk)) for store in made]


def listed(client, **asked):
    answer = client.get(LOG, asked)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


@pytest.fixture
def request_entries(superuser, org, other_org):
    """Two of ours and one of theirs from one request, beside others."""
    work(superuser, org, request_id="request-0000")
    return work(superuser, org, org, other_org, request_id="request-0001")


@pytest.fixture
def batch_entries(org, other_org):
    with owner_scope("night", batch_id=new_id()):
        made = [make_store(place, f"Batch {n}") for n, place in enumerate((org, org, other_org))]
    return [AuditLog.objects.get(record_id=str(store.pk)) for store in made]


def keys(entries):
    return {entry.pk for entry in entries}


def test_a_request_and_a_batch_are_followed_within_the_scope(in_org, superuser, request_entries, batch_entries) -> None:
    for entries, asked in (
        (request_entries, {"request": "request-0001"}),
        (batch_entries, {"batch": str(batch_entries[0].batch_id)}),
    ):
        assert keys(listed(in_org, **asked)) == keys(entries[:2])
    User.objects.filter(pk=superuser.pk).update(console_org=None)
    assert keys(listed(in_org, **asked)) == keys(batch_entries)


def test_an_entry_links_to_everything_that_shares_something_with_it(in_org, request_entries, batch_entries) -> None:
    for entry, words in (
        (request_entries[0], "everything in this request"),
        (request_entries[0], "everything by them"),
        (batch_entries[0], "everything in this batch"),
        (batch_entries[0], "everything by them"),
    ):
        page = in_org.get(f"{LOG}{entry.pk}/change/").content.decode()
        found = re.search(rf'href="([^"]+)">{words}', page)
        assert found, words
        assert entry.pk in keys(in_org.get(unescape(found[1])).context["cl"].result_list)


def test_times_and_actors_narrow_the_list(in_org, superuser, request_entries, batch_entries) -> None:
    assert {entry.user_id for entry in listed(in_org, who=superuser.email.upper())} == {superuser.pk}
    assert keys(listed(in_org, who="system:night")) == keys(batch_entries[:2])
    assert listed(in_org, until="2020-01-01T00:00") == []
    assert keys(request_entries[:2]) <= keys(listed(in_org, since="2020-01-01T00:00"))


def test_an_organization_is_asked_for_by_its_slug_and_another_is_not_seen(
    in_org, superuser, request_entries, other_org
) -> None:
    assert listed(in_org, org=str(other_org.pk)) == []
    assert "No organization that you may see" in in_org.get(LOG, {"org": other_org.slug}).content.decode()
    User.objects.filter(pk=superuser.pk).update(console_org=None)
    assert {entry.org_id for entry in listed(in_org, org=other_org.slug)} == {other_org.pk}


@pytest.mark.parametrize("name", ["who", "org", "since", "until", "request", "near", "batch"])
@pytest.mark.parametrize("odd", ["'", "%", "💥" * 300, "9999-12-31T23:59", "0001-01-01", "²"])
def test_odd_questions_find_nothing_and_break_nothing(in_all, name, odd) -> None:
    for address in (LOG, f"{LOG}export/csv/"):
        answer = in_all.get(address, {name: odd, "request": "x"} if name == "near" else {name: odd})
        assert answer.status_code == 200
        assert b"".join(answer) is not None
