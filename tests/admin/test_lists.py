"""Lists: as many queries for fifty rows as for one, and no full counts."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tenants.admin.counting import EstimatingPaginator
from tenants.errors import constraint_sentences
from tenants.models import Store, Workspace
from tests.admin.test_pages import make_world
from tests.factories import make_member, make_org, make_store

pytestmark = pytest.mark.django_db
LISTS = ["organization", "orgmember", "invitation", "workspace", "store", "user", "userprofile", "auditlog"]


def list_address(name):
    model = next(m for m in admin.site._registry if m._meta.model_name == name)
    return reverse(f"admin:{model._meta.app_label}_{name}_changelist")


def count_queries(client, address) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_often_for_many_rows_as_for_few(in_all, org, name) -> None:
    make_world(org)
    # Content types are remembered from the first page on.
    count_queries(in_all, list_address(name))
    few = count_queries(in_all, list_address(name))
    for _ in range(10):
        make_world(make_org())
        make_member(org)
    assert count_queries(in_all, list_address(name)) == few


@pytest.mark.parametrize("page", ["history", "change"])
def test_a_page_of_an_organization_asks_as_often_for_many_members(in_all, org, page) -> None:
    address = f"/admin/tenants/organization/{org.pk}/{page}/"
    make_member(org)
    count_queries(in_all, address)
    few = count_queries(in_all, address)
    for _ in range(5):
        make_member(org)
    assert count_queries(in_all, address) == few


def test_few_rows_are_counted_exactly(org) -> None:
    for number in range(3):
        make_store(org, f"Store {number}")
    assert EstimatingPaginator(Store.objects.order_by("pk"), 50).count == 3


def test_many_rows_are_estimated(org, monkeypatch) -> None:
    monkeypatch.setattr(EstimatingPaginator, "limit", 10)
    workspace = Workspace.objects.filter(org=org).first()
    Store.objects.bulk_create([Store(org=org, workspace=workspace, name=f"Store {n}") for n in range(400)])
    with connection.cursor() as cursor:
        cursor.execute("analyze stores")
    assert 350 <= EstimatingPaginator(Store.objects.order_by("pk"), 50).count <= 450
    assert EstimatingPaginator(Store.objects.filter(name="Store 7").order_by("pk"), 50).count == 1


def test_an_estimate_is_never_below_what_was_counted(org, monkeypatch) -> None:
    monkeypatch.setattr(EstimatingPaginator, "limit", 2)
    for number in range(4):
        make_store(org, f"Store {number}")
    assert EstimatingPaginator(Store.objects.filter(name__contains="Store").order_by("pk"), 50).count >= 3


def test_the_models_words_are_used_for_their_constraints() -> None:
    assert constraint_sentences()["workspace_members_person"] == "This person is in the workspace already."


def test_nothing_is_written_to_djangos_own_log(in_all, org) -> None:
    before = count_log()
    workspace = {"org": org.pk, "name": "North", "members-TOTAL_FORMS": 0, "members-INITIAL_FORMS": 0}
    assert in_all.post("/admin/tenants/workspace/add/", workspace).status_code == 302
    assert count_log() == before == 0


def count_log() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from django_admin_log")
        return int(cursor.fetchone()[0])


def test_an_objects_history_tells_who_changed_what(as_operator, operator, org) -> None:
    member = make_member(org)
    as_operator.post(f"/admin/tenants/orgmember/{member.pk}/change/", {"role": "admin", "state": "active"})
    page = as_operator.get(f"/admin/tenants/orgmember/{member.pk}/history/").content.decode()
    for told in (operator.email, "changed this through the console", "member</span>", "admin</span>"):
        assert told in page
