"""Lists of millions of rows: pages without joins or sorts, searches by index, and no depth that reads everything."""

import json
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from tenants.admin import counting
from tenants.admin.counting import EstimatingPaginator
from tenants.admin.lists import LongListMixin
from tenants.models import Customer, Doctor, Dso
from tenants.scope import staff_scope
from tests.admin.test_pages import make_world
from tests.factories import make_org

pytestmark = pytest.mark.django_db
LONG = sorted((m for m, s in admin.site._registry.items() if isinstance(s, LongListMixin)), key=lambda m: m.__name__)


def read_pages(client, address) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured]


def address_of(model) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def page_query(client, address, model) -> str:
    """The statement that reads a page's rows."""
    table = f'FROM "{model._meta.db_table}"'
    queries = (q for q in read_pages(client, address) if table in q and "COUNT(" not in q and not q.endswith("LIMIT 1"))
    (found,) = [q for q in queries if "ORDER BY" in q]
    return found


@pytest.mark.parametrize("model", LONG, ids=lambda m: m.__name__)
def test_a_page_of_a_long_list_joins_nothing(in_all, org, model) -> None:
    make_world(org)
    assert "JOIN" not in page_query(in_all, address_of(model), model)


@pytest.mark.parametrize("model", LONG, ids=lambda m: m.__name__)
def test_in_all_organizations_an_address_that_asks_for_an_order_does_not_get_it(in_all, org, model) -> None:
    make_world(org)
    for number in range(1, 7):
        query = page_query(in_all, f"{address_of(model)}?o={number}", model)
        assert query.split("ORDER BY ")[1].startswith(f'"{model._meta.db_table}"."org_id" DESC')


def plan_nodes(plan: dict[str, Any]) -> list[str]:
    return [plan["Node Type"], *(name for inner in plan.get("Plans", ()) for name in plan_nodes(inner))]


def plan_of(rows) -> list[str]:
    return plan_nodes(json.loads(rows.explain(format="json"))[0]["Plan"])


def changelist_rows(model, person, scope, address="/", **asked):
    request = RequestFactory().get(address, asked)
    request.user, request.scope = person, scope  # type: ignore[attr-defined]
    return admin.site._registry[model].get_changelist_instance(request).queryset


class OneOrg:
    """What a screen asks of a scope."""

    all_orgs = False

    def __init__(self, org) -> None:
        self.org_id = org.pk


@pytest.mark.parametrize("column", [1, 0])
def test_an_organizations_customers_are_ordered_by_an_index(superuser, org, column) -> None:
    other = make_org()
    Customer.objects.bulk_create(
        Customer(org=org if n % 2 else other, name=f"Customer {n}", email=f"{n}@x.test") for n in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze customers")
    nodes = plan_of(changelist_rows(Customer, superuser, OneOrg(org), **({"o": 1} if column else {}))[:50])
    assert "Seq Scan" not in nodes
    assert "Sort" not in nodes


def test_a_search_for_the_beginning_of_a_name_reads_an_index(superuser, org) -> None:
    Customer.objects.bulk_create(Customer(org=org, name=f"Customer {n}") for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("analyze customers")
    rows = changelist_rows(Customer, superuser, OneOrg(org), q="customer 29")
    assert rows.count() == 111
    assert "Seq Scan" not in plan_of(rows)


@pytest.mark.parametrize(("model", "found"), [(Doctor, "idx_doctors_org_name"), (Dso, "idx_dsos_org_name")])
def test_under_row_security_the_console_finds_a_clinic_name_through_its_index(superuser, org, model, found) -> None:
    dso = Dso.objects.create(org=org, name="Zebra")
    more = {"dso": dso} if model is Doctor else {}
    model.objects.bulk_create(model(org=org, name=f"Row {n}", **more) for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute(f"analyze {model._meta.db_table}")
    with staff_scope(superuser.pk, org.pk):
        rows = changelist_rows(model, superuser, OneOrg(org), q="ROW 29")
        assert rows.count() == 111
        plan = rows.explain()
    shown = plan_of(changelist_rows(model, superuser, OneOrg(org), o="1")[:50])
    # The table's condition is that of its index: both ends of the range, and the organization.
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert found in plan
    assert condition.count("name_lower") == 2
    assert "Seq Scan" not in plan
    assert "Sort" not in shown


def test_a_name_longer_than_its_stored_beginning_is_found_by_all_of_it(in_all, org) -> None:
    Dso.objects.create(org=org, name="Long " * 100)
    assert in_all.get("/admin/tenants/dso/", {"q": "LONG " * 100}).context["cl"].result_count == 1
    assert in_all.get("/admin/tenants/dso/", {"q": "a\0b"}).status_code == 400


@pytest.mark.parametrize("text", ["ACME l", "acme", "  acme"])
def test_a_customer_is_found_by_the_beginning_of_a_name_in_any_case(in_all, org, text) -> None:
    Customer.objects.create(org=org, name="Acme Ltd")
    Customer.objects.create(org=org, name="Other")
    page = in_all.get("/admin/tenants/customer/", {"q": text}).content.decode()
    assert "Acme Ltd" in page
    assert "Other</a>" not in page


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("revenue", "acm"),
        ("activity", "ACME"),
        ("userdsoaccess", "bright"),
        ("doctor", "dr. m"),
        ("doctor", "BRIGHT s"),
    ],
)
def test_rows_are_found_by_what_they_belong_to(in_all, org, name, text) -> None:
    make_world(org)
    assert in_all.get(f"/admin/tenants/{name}/", {"q": text}).context["cl"].result_count == 1
    assert in_all.get(f"/admin/tenants/{name}/", {"q": "zebra"}).context["cl"].result_count == 0


def test_a_related_row_of_another_organization_with_the_same_id_finds_nothing(in_all, org) -> None:
    make_world(org)
    twin = Customer.objects.get(org=org)
    Customer.objects.create(id=twin.pk, org=make_org(), name="Twin")
    assert in_all.get("/admin/tenants/revenue/", {"q": "twin"}).context["cl"].result_count == 0


def test_no_page_lies_deeper_than_the_limit(monkeypatch, in_all, org) -> None:
    monkeypatch.setattr(EstimatingPaginator, "limit", 100)
    Dso.objects.bulk_create(Dso(org=org, name=f"DSO {n}") for n in range(151))
    page = in_all.get("/admin/tenants/dso/")
    assert page.context["cl"].paginator.num_pages == 2
    assert "search or filter for the others" in page.content.decode()


def test_a_deep_page_shows_its_rows_in_their_order_and_no_twin(monkeypatch, in_all, org) -> None:
    monkeypatch.setattr(counting, "DEEP", 50)
    Dso.objects.bulk_create(Dso(org=org, name=f"DSO {n}") for n in range(151))
    listed = list(Dso.objects.order_by("-org_id", "-id").values_list("org_id", "pk"))
    Dso.objects.create(id=listed[-1][1], org=make_org(), name="Twin")
    expected = list(Dso.objects.order_by("-org_id", "-id").values_list("org_id", "pk"))
    pages = [in_all.get("/admin/tenants/dso/", {"p": number}).context["cl"].result_list for number in (1, 2, 3, 4)]
    assert [(dso.org_id, dso.pk) for page in pages for dso in page] == expected


def test_a_deep_page_asks_for_keys_first(monkeypatch, in_all, org) -> None:
    monkeypatch.setattr(counting, "DEEP", 50)
    Dso.objects.bulk_create(Dso(org=org, name=f"DSO {n}") for n in range(151))
    with CaptureQueriesContext(connection) as asked:
        in_all.get("/admin/tenants/dso/", {"p": 2})
    skipping = [query["sql"] for query in asked.captured_queries if " OFFSET 50" in query["sql"]]
    assert ["name" in statement for statement in skipping] == [False]


def test_a_list_without_rows_says_what_to_do(in_all) -> None:
    assert "No customers yet" in in_all.get("/admin/tenants/customer/").content.decode()
    assert "Nothing matches" in in_all.get("/admin/tenants/customer/", {"q": "zebra"}).content.decode()


def test_deleting_a_customer_says_that_it_can_be_restored(in_all, org) -> None:
    customer = Customer.objects.create(org=org, name="Acme")
    page = f"/admin/tenants/customer/{customer.pk}/delete/"
    assert "can be restored on its page for 90 days" in in_all.get(page).content.decode()
    assert in_all.post(page, {"post": "yes"}).status_code == 302
    customer.refresh_from_db()
    assert customer.deleted_at is not None
