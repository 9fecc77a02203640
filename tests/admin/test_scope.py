"""Staff reach the rows of their organization and nothing else, on every address."""

import pytest
from django.contrib import admin
from django.db import connection

from accounts.models import User
from tenants.admin import StoreAdmin
from tenants.models import Organization, Store, Workspace, WorkspaceMember
from tenants.scope import staff_scope
from tests.admin.conftest import make_operator, sign_in
from tests.admin.test_pages import addresses, make_world, visible_row
from tests.factories import make_member, make_person, make_staff, make_store, make_workspace

pytestmark = pytest.mark.django_db
# Of no organization, and shown in all.
GLOBAL = {"auth.Group", "tenants.MetricDefinition"}
FOREIGN = sorted((m for m in admin.site._registry if m._meta.label not in GLOBAL), key=lambda m: m._meta.label)


MISSING = "00000000-0000-0000-0000-00000000dead"


@pytest.mark.parametrize("model", FOREIGN, ids=lambda m: m._meta.label)
@pytest.mark.parametrize("staff", ["operator", "superuser in one organization"])
def test_another_organizations_row_is_as_missing_as_one_that_never_was(model, staff, request, other_org) -> None:
    client = request.getfixturevalue("as_operator" if staff == "operator" else "in_org")
    make_world(other_org)
    row = visible_row(model, other_org)
    for address in addresses(model, row)[1:]:
        missing = address.replace(str(row.pk), MISSING)
        shown = client.get(address)
        # 403 is for what nobody deletes here, whatever it is.
        assert shown.status_code == 404 or (address.endswith("/delete/") and shown.status_code == 403), address
        assert shown.content == client.get(missing).content
        sent, sent_missing = (client.post(a, {"post": "yes"}) for a in (address, missing))
        assert sent.status_code in (403, 404), address
        assert (sent.status_code, sent.content) == (sent_missing.status_code, sent_missing.content)


def test_lists_show_one_organization_or_all(in_org, superuser, org, other_org) -> None:
    make_store(org, "Here")
    make_store(other_org, "There")
    page = in_org.get("/admin/tenants/store/").content.decode()
    assert "Here" in page
    assert "There" not in page
    User.objects.filter(pk=superuser.pk).update(console_org=None)
    page = in_org.get("/admin/tenants/store/").content.decode()
    assert "Here" in page
    assert "There" in page


def test_search_does_not_reach_another_organization(as_operator, other_org) -> None:
    make_store(other_org, "There")
    assert "0 results" in as_operator.get("/admin/tenants/store/", {"q": "There"}).content.decode()


def found(client, model, field, term=""):
    asked = {"app_label": "tenants", "model_name": model, "field_name": field, "term": term}
    return {row["text"] for row in client.get("/admin/autocomplete/", asked).json()["results"]}


def test_autocompletes_offer_the_organization_only(as_operator, org, other_org, stranger) -> None:
    make_workspace(org, "North")
    make_workspace(other_org, "South")
    assert found(as_operator, "store", "workspace") == {"Main", "North"}
    assert stranger.email not in found(as_operator, "orgmember", "user")
    assert found(as_operator, "orgmember", "org") == {org.name}


def test_a_forged_foreign_key_is_refused(as_operator, org, other_org) -> None:
    theirs = make_workspace(other_org, "South")
    answer = as_operator.post("/admin/tenants/store/add/", {"name": "X", "workspace": theirs.pk, "timezone": "UTC"})
    assert answer.status_code == 200
    assert not Store.objects.filter(name="X").exists()


def test_in_all_a_key_into_another_organization_is_an_error_of_the_form(in_all, org, other_org) -> None:
    theirs = make_workspace(other_org, "South")
    sent = {"org": org.pk, "name": "X", "workspace": theirs.pk, "timezone": "UTC"}
    answer = in_all.post("/admin/tenants/store/add/", sent)
    assert "This belongs to another organization." in answer.content.decode()


def test_a_new_row_is_given_the_consoles_organization(as_operator, org, other_org) -> None:
    workspace = Workspace.objects.get(org=org)
    sent = {"org": other_org.pk, "name": "Pier", "workspace": workspace.pk, "timezone": "UTC"}
    assert as_operator.post("/admin/tenants/store/add/", sent).status_code == 302
    assert Store.objects.get(name="Pier").org == org


def test_in_all_the_form_asks_for_the_organization(in_all, org) -> None:
    assert in_all.post("/admin/tenants/workspace/add/", workspace("North")).status_code == 200
    assert in_all.post("/admin/tenants/workspace/add/", workspace("North", org=org.pk)).status_code == 302
    assert Workspace.objects.get(name="North").org == org


def workspace(name, **more):
    rows = {f"members-{k}": 0 for k in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return {"name": name, **rows, **more}


def test_an_inline_row_is_given_its_parents_organization(in_all, org, owner) -> None:
    place = make_workspace(org)
    sent = workspace("North") | {"members-TOTAL_FORMS": 1, "members-0-user": owner.pk, "members-0-role": "manager"}
    assert in_all.post(f"/admin/tenants/workspace/{place.pk}/change/", sent).status_code == 302
    assert WorkspaceMember.objects.get(workspace=place).org == org


def test_an_inline_refuses_a_person_who_is_no_member(in_all, org, stranger) -> None:
    place = make_workspace(org)
    sent = workspace("North") | {"members-TOTAL_FORMS": 1, "members-0-user": stranger.pk, "members-0-role": "manager"}
    answer = in_all.post(f"/admin/tenants/workspace/{place.pk}/change/", sent)
    assert answer.status_code == 200
    assert "of another organization" in answer.content.decode()


def test_actions_with_forged_ids_leave_other_organizations_alone(as_operator, other_org) -> None:
    theirs = make_store(other_org)
    sent = {"action": "delete_selected", "_selected_action": [theirs.pk], "post": "yes", "select_across": 1}
    as_operator.post("/admin/tenants/store/", sent)
    assert Store.objects.filter(pk=theirs.pk).exists()


def test_staff_see_the_people_of_their_organization_only(as_operator, owner, stranger) -> None:
    page = as_operator.get("/admin/accounts/user/").content.decode()
    assert owner.email in page
    assert stranger.email not in page


def test_a_persons_memberships_elsewhere_are_not_shown(as_operator, org, other_org, owner) -> None:
    make_member(other_org, user=owner)
    assert other_org.name not in as_operator.get(f"/admin/accounts/user/{owner.pk}/change/").content.decode()


def test_the_log_shows_the_organization_only(as_operator, org, other_org) -> None:
    make_store(org, "Here")
    make_store(other_org, "There")
    page = as_operator.get("/admin/audit/auditlog/", {"table": "stores"}).content.decode()
    assert page.count("added") >= 1
    assert str(Store.objects.get(name="There").pk) not in page


def test_staff_who_are_no_superusers_change_no_person(as_operator, owner) -> None:
    assert as_operator.post(f"/admin/accounts/user/{owner.pk}/change/", {"email": "x@y.z"}).status_code == 403
    assert as_operator.post(f"/admin/accounts/user/{owner.pk}/password/", {}).status_code == 403


def test_people_are_added_in_all_organizations_only(in_org, superuser) -> None:
    sent = {"email": "new@example.org", "usable_password": "false"}
    assert in_org.post("/admin/accounts/user/add/", sent).status_code == 403
    User.objects.filter(pk=superuser.pk).update(console_org=None)
    assert in_org.post("/admin/accounts/user/add/", sent).status_code == 302
    assert Organization.objects.filter(created_by__email="new@example.org").exists()


def test_staff_begin_in_their_earliest_organization(org, other_org) -> None:
    person = make_operator(org)
    make_member(other_org, user=person)
    make_store(org, "Here")
    make_store(other_org, "There")
    page = sign_in(person).get("/admin/tenants/store/").content.decode()
    assert "Here" in page
    assert "There" not in page


def test_whoever_is_not_signed_in_as_staff_reaches_no_view_but_the_door(web, org) -> None:
    for client in (web, sign_in(make_person())):
        answer = client.post("/admin/switch/", {"org": org.pk})
        assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/switch/")


def test_a_relation_filter_offers_the_organization_only(as_operator, org, other_org, monkeypatch) -> None:
    make_workspace(org, "North")
    make_workspace(org, "West")
    make_workspace(other_org, "South")
    monkeypatch.setattr(StoreAdmin, "list_filter", ("workspace",))
    page = as_operator.get("/admin/tenants/store/").content.decode()
    assert "North" in page
    assert "South" not in page


def test_a_raw_id_of_another_organization_is_refused(as_operator, other_org, monkeypatch) -> None:
    monkeypatch.setattr(StoreAdmin, "autocomplete_fields", ())
    monkeypatch.setattr(StoreAdmin, "raw_id_fields", ("workspace",))
    theirs = make_workspace(other_org, "South")
    sent = {"name": "X", "workspace": theirs.pk, "timezone": "UTC"}
    page = as_operator.post("/admin/tenants/store/add/", sent).content.decode()
    assert "Select a valid choice" in page
    assert "South" not in page


def test_staff_who_are_no_superusers_see_nothing_of_a_password(as_operator, owner) -> None:
    page = as_operator.get(f"/admin/accounts/user/{owner.pk}/change/").content.decode()
    assert owner.email in page
    assert "salt" not in page
    assert "md5" not in page


def test_staff_of_one_organization_cannot_make_themselves_superuser_by_raw_sql(org) -> None:
    staff = make_staff()
    make_member(org, user=staff)
    with staff_scope(staff.pk, org.pk), connection.cursor() as cursor:
        cursor.execute("update users set is_superuser = true, password = 'mine'")
        assert cursor.rowcount == 0


def test_a_date_hierarchy_counts_the_organization_only(as_operator, org, other_org, monkeypatch) -> None:
    make_store(org, "Here")
    theirs = make_store(other_org, "There")
    Store.objects.filter(pk=theirs.pk).update(created_at="2019-05-01T00:00Z")
    monkeypatch.setattr(StoreAdmin, "date_hierarchy", "created_at")
    page = as_operator.get("/admin/tenants/store/").content.decode()
    assert "Here" in page
    assert "2019" not in page
