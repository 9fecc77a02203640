"""Rows of org tables: made, listed, changed, deleted and restored by clients."""

from datetime import date
from uuid import uuid4

import pytest

from config.api_schema import describe_api
from tenants.models import AiUsage, ApiKey, Customer
from tests.api.world import make_world

pytestmark = pytest.mark.django_db


def make(client, name="Ada", **fields):
    return client.post("/api/customers/", {"name": name, **fields}).json()


def test_a_row_that_was_made_is_read_changed_deleted_and_restored(as_owner):
    made = as_owner.post("/api/customers/", {"name": "Ada", "email": "ada@example.org"})
    assert made.status_code == 201, made.content
    row = made.json()
    address = made["Location"]
    assert as_owner.get(address).json() == row
    changed = as_owner.patch(address, {"status": "churned"})
    assert changed.json()["status"] == "churned"
    assert changed["ETag"] != made["ETag"]
    assert as_owner.delete(address).status_code == 204
    assert as_owner.get(address).status_code == 404
    back = as_owner.post(f"{address}restore/")
    assert back.json()["status"] == "churned"


def test_a_list_is_newest_first_and_led_through_by_its_links(as_owner):
    as_owner.post("/api/customers/", [{"name": f"c{n}"} for n in range(5)])
    first = as_owner.get("/api/customers/?page_size=2").json()
    assert [r["name"] for r in first["results"]] == ["c4", "c3"]
    assert first["previous"] is None
    second = as_owner.get(first["next"]).json()
    third = as_owner.get(second["next"]).json()
    assert [r["name"] for r in second["results"] + third["results"]] == ["c2", "c1", "c0"]
    assert third["next"] is None
    assert as_owner.get(third["previous"]).json()["results"] == second["results"]
    assert as_owner.get(second["previous"]).json()["results"] == first["results"]
    assert as_owner.get(as_owner.get(second["previous"]).json()["next"]).json()["results"] == second["results"]


@pytest.mark.parametrize("order", ["name", "-name", "created_at", "-total_revenue", "status"])
def test_every_order_leads_through_all_rows_once(as_owner, order):
    as_owner.post("/api/customers/", [{"name": f"c{n % 3}"} for n in range(7)])
    seen, address = [], f"/api/customers/?page_size=2&ordering={order}"
    while address:
        page = as_owner.get(address).json()
        seen += page["results"]
        address = page["next"]
    assert len({r["id"] for r in seen}) == len(seen) == 7
    values = [(r[order.removeprefix("-")], r["id"]) for r in seen]
    assert values == sorted(values, reverse=order.startswith("-"))


def test_org_id_id_and_times_in_a_body_are_ignored(as_owner, other_org, org):
    row = make(
        as_owner, id=str(uuid4()), org_id=str(other_org.pk), created_at="2001-01-01T00:00:00Z", total_revenue="9"
    )
    assert row["org_id"] == str(org.pk)
    assert row["created_at"] > "2002"
    assert row["total_revenue"] == "0.00"


def test_a_bulk_is_made_whole_or_not_at_all_with_errors_per_row(as_owner):
    answer = as_owner.post("/api/customers/", [{"name": "a"}, {"name": ""}, {"name": "b", "status": "odd"}])
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"1", "2"}
    assert not Customer.objects.exists()


def test_what_the_database_refuses_of_a_bulk_is_told_per_row(as_owner):
    store = as_owner.get("/api/workspaces/").json()["results"][0]["id"]
    rows = [{"name": n, "workspace_id": store} for n in ("a", "b", "a")]
    answer = as_owner.post("/api/stores/", rows)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"2"}
    assert as_owner.get("/api/stores/").json()["results"] == []


def test_a_state_that_somebody_else_changed_is_not_overwritten(as_owner):
    row = as_owner.post("/api/customers/", {"name": "Ada"})
    address = row["Location"]
    assert as_owner.patch(address, {"name": "Bea"}, If_Match=row["ETag"]).status_code == 200
    late = as_owner.patch(address, {"name": "Cleo"}, If_Match=row["ETag"])
    assert late.status_code == 412
    assert as_owner.delete(address, If_Match=row["ETag"]).status_code == 412
    assert as_owner.get(address).json()["name"] == "Bea"


def test_a_foreign_row_and_a_missing_one_get_the_same_answer(as_owner, as_stranger):
    theirs = make(as_stranger)
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        foreign = as_owner.send(method, f"/api/customers/{theirs['id']}/", body)
        missing = as_owner.send(method, f"/api/customers/{uuid4()}/", body)
        assert (foreign.status_code, foreign.content) == (404, missing.content)


def test_a_foreign_id_in_a_body_and_a_missing_one_get_the_same_answer(as_owner, as_stranger):
    theirs = make(as_stranger)
    body = {"amount": "1", "date": "2026-01-01"}
    foreign = as_owner.post("/api/revenue/", {**body, "customer_id": theirs["id"]})
    missing = as_owner.post("/api/revenue/", {**body, "customer_id": str(uuid4())})
    assert (foreign.status_code, foreign.content) == (400, missing.content)
    assert set(foreign.json()["errors"]) == {"customer_id"}


def test_what_was_deleted_is_not_there_to_be_referred_to(as_owner):
    row = make(as_owner)
    as_owner.delete(f"/api/customers/{row['id']}/")
    body = {"amount": "1", "date": "2026-01-01", "customer_id": row["id"]}
    assert as_owner.post("/api/revenue/", body).status_code == 400


def test_a_member_reads_and_does_not_write(as_owner, as_member):
    row = make(as_owner)
    address = f"/api/customers/{row['id']}/"
    assert as_member.get(address).json() == row
    for answer in (
        as_member.post("/api/customers/", {"name": "x"}),
        as_member.patch(address, {"name": "x"}),
        as_member.delete(address),
    ):
        assert answer.status_code == 403
        assert answer.json()["type"] == "role-too-low"


def test_a_row_that_others_refer_to_is_not_deleted(as_owner):
    workspace = as_owner.get("/api/workspaces/").json()["results"][0]["id"]
    as_owner.post("/api/stores/", {"name": "a", "workspace_id": workspace})
    answer = as_owner.delete(f"/api/workspaces/{workspace}/")
    assert (answer.status_code, answer.json()["type"]) == (409, "conflict")


def test_usage_is_logged_in_ones_own_name_and_added_up(as_owner, as_member, owner):
    body = {"query_id": str(uuid4()), "model": "m", "date": "2026-01-01", "input_tokens": 3, "cost_usd": "0.5"}
    assert as_member.post("/api/ai-usage/", {**body, "user_id": str(owner.pk)}).status_code == 201
    assert as_member.post("/api/ai-usage/", body).status_code == 409
    assert as_owner.post("/api/ai-usage/", {**body, "query_id": str(uuid4())}).json()["user_id"] == str(owner.pk)
    assert as_member.get("/api/ai-usage/summary/").json()["queries"] == 1
    summary = as_owner.get("/api/ai-usage/summary/?group_by=model").json()
    assert summary["queries"] == 2
    assert summary["results"] == [
        {"model": "m", "queries": 2, "input_tokens": 6, "output_tokens": 0, "cost_usd": "1.0000"}
    ]


def test_usage_of_people_who_were_deleted_is_added_up_under_nobody_as_described(as_owner, org):
    AiUsage.objects.create(org=org, user=None, query_id=uuid4(), model="m", date=date(2026, 1, 1))
    (group,) = as_owner.get("/api/ai-usage/summary/?group_by=user_id").json()["results"]
    assert (group["user_id"], group["queries"]) == (None, 1)
    assert "null" in describe_api()["components"]["schemas"]["UsageGroup"]["properties"]["user_id"]["type"]


@pytest.mark.parametrize("name", ["a" * 201, "a\u202eb", "a\nb"])
def test_a_key_is_renamed_to_what_it_could_have_been_made_with(as_owner, name):
    key = as_owner.post("/api/api-keys/", {"name": "Robot"}).json()
    answers = (
        as_owner.post("/api/api-keys/", {"name": name}),
        as_owner.patch(f"/api/api-keys/{key['id']}/", {"name": name}),
    )
    assert [(a.status_code, list(a.json()["errors"])) for a in answers] == [(400, ["name"])] * 2
    assert ApiKey.objects.get(pk=key["id"]).name == "Robot"


def test_a_row_looks_the_same_in_a_list_and_by_itself(as_owner):
    address = as_owner.post("/api/customers/", {"name": "Ada"})["Location"]
    customer = address.split("/")[-2]
    body = {"amount": "1.5", "date": "2026-01-01", "customer_id": customer}
    as_owner.post("/api/revenue/", body)
    as_owner.post("/api/activities/", {"type": "login", "metadata": {"a": [1, {"b": "ü"}]}})
    for when in (
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.5Z",
        "2026-01-01T00:00:00.123450Z",
        "0999-01-01T00:00:00Z",
    ):
        Customer.objects.filter(pk=customer).update(last_purchase_date=when)
        (listed,) = as_owner.get("/api/customers/").json()["results"]
        assert listed == as_owner.get(address).json()
    for name in ("revenue", "activities", "workspaces"):
        (listed,) = as_owner.get(f"/api/{name}/").json()["results"]
        assert listed == as_owner.get(f"/api/{name}/{listed['id']}/").json()


def test_a_profile_that_changed_is_not_deleted_by_who_saw_the_former_one():
    member = make_world().clients["member"]
    seen = member.get("/api/profile/")["ETag"]
    newer = member.patch("/api/profile/", {"full_name": "Ada"})["ETag"]
    assert member.delete("/api/profile/", If_Match=seen).status_code == 412
    assert member.delete("/api/profile/", If_Match=newer).status_code == 204
