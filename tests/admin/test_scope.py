"""Staff reach the rows of their organization and nothing else, on every address."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.db import connection

from accounts.models import User
from audit.models import AuditLog
from tenants.admin import StoreAdmin
from tenants.models import Organization, OrgMember, Store, Workspace, WorkspaceMember
from tenants.scope import staff_scope
from tests.admin.conftest import make_operator, sign_in
from tests.admin.test_pages import addresses, make_world, visible_row
from tests.clients import WebClient
from tests.factories import make_member, make_org, make_person, make_staff, make_store, make_workspace

pytestmark = pytest.mark.django_db
FOREIGN = sorted((m for m in admin.site._registry if m._meta.label != "auth.Group"), key=lambda m: m._meta.label)


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
    page = sign_in(person).get("/admin/tenants/organization/").content.decode()
    assert org.slug in page
    assert other_org.slug not in page


def test_switching_moves_every_list(in_all, superuser, org, other_org) -> None:
    assert in_all.post("/admin/switch/", {"org": org.pk}).status_code == 302
    page = in_all.get("/admin/tenants/organization/").content.decode()
    assert f"/organization/{other_org.pk}/" not in page
    assert in_all.post("/admin/switch/", {"org": "all"}).status_code == 302
    assert f"/organization/{other_org.pk}/" in in_all.get("/admin/tenants/organization/").content.decode()


@pytest.mark.parametrize("wanted", ["all", "", "nonsense", "00000000-0000-0000-0000-00000000dead"])
def test_staff_switch_only_to_their_own_organizations(as_operator, operator, other_org, wanted) -> None:
    assert as_operator.post("/admin/switch/", {"org": wanted}).status_code == 404
    assert as_operator.post("/admin/switch/", {"org": other_org.pk}).status_code == 404
    assert User.objects.get(pk=operator.pk).console_org is None


def test_a_choice_that_no_longer_holds_falls_back_and_says_so(operator, as_operator, org, other_org) -> None:
    membership = make_member(other_org, user=operator)
    as_operator.post("/admin/switch/", {"org": other_org.pk})
    OrgMember.objects.filter(pk=membership.pk).delete()
    page = unescape(as_operator.get("/admin/tenants/organization/").content.decode())
    assert org.slug in page
    assert f"You can no longer work in {other_org}" in page
    assert "You can no longer work" not in as_operator.get("/admin/tenants/organization/").content.decode()


def test_whoever_is_not_signed_in_as_staff_reaches_no_view_but_the_door(web, org) -> None:
    for client in (web, sign_in(make_person())):
        answer = client.post("/admin/switch/", {"org": org.pk})
        assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/switch/")


def test_switching_needs_the_token_of_the_form(superuser, org) -> None:
    client = WebClient(enforce_csrf_checks=True)
    client.force_login(superuser)
    assert client.post("/admin/switch/", {"org": org.pk}).status_code == 403
    assert User.objects.get(pk=superuser.pk).console_org is None


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


def fields_of(page, name):
    return set(re.findall(rf'name="{name}" value="([^"]*)"', page))


def test_every_form_says_where_it_was_rendered(in_org, org) -> None:
    make_world(org)
    for address in ("store/add/", "store/", f"store/{Store.objects.filter(org=org)[0].pk}/delete/", "conversion/"):
        page = in_org.get(f"/admin/tenants/{address}").content.decode()
        assert fields_of(page, "_rendered_for") == {str(org.pk)}
        assert page.count('name="_rendered_for"') == page.count('name="csrfmiddlewaretoken"')


def test_a_page_of_before_a_switch_writes_nothing_and_says_why(in_org, superuser, org, other_org) -> None:
    place = Workspace.objects.get(org=org)
    sent = {"name": "Pier", "workspace": place.pk, "timezone": "UTC", "_rendered_for": str(org.pk)}
    in_org.post("/admin/switch/", {"org": other_org.pk, "_rendered_for": str(org.pk)})
    answer = in_org.post("/admin/tenants/store/add/", sent)
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Nothing was written" in page
    assert org.name in page
    assert other_org.name in page
    assert not Store.objects.filter(name="Pier").exists()
    in_org.post("/admin/switch/", {"org": org.pk, "_rendered_for": str(other_org.pk)})
    assert in_org.post("/admin/tenants/store/add/", sent).status_code == 302


@pytest.mark.parametrize("said", ["all", "", "nonsense", MISSING])
def test_a_form_of_nowhere_is_refused_too(as_operator, said, org) -> None:
    answer = as_operator.post("/admin/tenants/store/add/", {"name": "Pier", "_rendered_for": said})
    assert answer.status_code == 409
    assert "All organizations" not in answer.content.decode()


def test_a_stale_delete_confirmation_and_a_stale_action_delete_nothing(in_all, superuser, org) -> None:
    store = make_store(org)
    User.objects.filter(pk=superuser.pk).update(console_org=org)
    sent = {"post": "yes", "_rendered_for": "all", "action": "delete_selected", "_selected_action": [store.pk]}
    assert in_all.post(f"/admin/tenants/store/{store.pk}/delete/", sent).status_code == 409
    assert in_all.post("/admin/tenants/store/", sent).status_code == 409
    assert Store.objects.filter(pk=store.pk, deleted_at=None).exists()


def test_an_organization_that_disappears_is_named_on_the_next_page(in_all, org, other_org) -> None:
    in_all.post("/admin/switch/", {"org": org.pk})
    in_all.get("/admin/")
    name = org.name
    Organization.objects.filter(pk=org.pk).update(status="deleting", deleting_since="2026-01-01T00:00Z")
    Organization.objects.filter(pk=org.pk).delete()
    page = in_all.get("/admin/tenants/organization/").content.decode()
    assert f"You can no longer work in {name}" in unescape(page)
    assert "You can no longer work" not in in_all.get("/admin/tenants/organization/").content.decode()


def test_the_menu_finds_by_name_or_slug_what_one_may_work_in_and_nothing_else(
    in_all, as_operator, operator, org, other_org
) -> None:
    Organization.objects.filter(pk=other_org.pk).update(name="Zebra Dental")
    for term in ("zEbRa", other_org.slug[-8:]):
        assert str(other_org.pk) in in_all.get("/admin/switch/find/", {"q": term}).content.decode()
        assert str(other_org.pk) not in as_operator.get("/admin/switch/find/", {"q": term}).content.decode()
    make_member(other_org, user=operator)
    assert "Zebra Dental" in as_operator.get("/admin/switch/find/", {"q": "zebra"}).content.decode()


def test_the_menu_begins_with_where_one_was_lately(in_all, org) -> None:
    words = (
        "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo", "mike"
    )  # fmt: skip
    for word in words:
        make_org(name=f"{word} organization", slug=f"{word}-organization")
    last = make_org(name="zz organization", slug="zz-organization-x")
    in_all.post("/admin/switch/", {"org": last.pk})
    in_all.post("/admin/switch/", {"org": "all"})
    found = re.findall(r'name="org" value="([^"]+)"', in_all.get("/admin/").content.decode())
    assert found[0] == str(last.pk)
    assert len(found) == 12


def test_switching_on_a_list_stays_on_the_list_and_leads_nowhere_else(in_all, org) -> None:
    places = {
        "/admin/tenants/store/": "/admin/tenants/store/",
        "/admin/tenants/store/add/": "/admin/",
        "https://example.com/": "/admin/",
        "//example.com/admin/": "/admin/",
    }
    for wanted, led in places.items():
        assert in_all.post("/admin/switch/", {"org": org.pk, "next": wanted})["Location"] == led


def test_a_switch_is_in_the_log_with_where_one_came_from(in_all, superuser, org) -> None:
    in_all.post("/admin/switch/", {"org": org.pk})
    entry = AuditLog.objects.get(action="console.switch")
    assert (entry.user_id, entry.org_id, entry.new_data) == (superuser.pk, org.pk, {"from": "all"})


def test_a_date_hierarchy_counts_the_organization_only(as_operator, org, other_org, monkeypatch) -> None:
    make_store(org, "Here")
    theirs = make_store(other_org, "There")
    Store.objects.filter(pk=theirs.pk).update(created_at="2019-05-01T00:00Z")
    monkeypatch.setattr(StoreAdmin, "date_hierarchy", "created_at")
    page = as_operator.get("/admin/tenants/store/").content.decode()
    assert "Here" in page
    assert "2019" not in page
