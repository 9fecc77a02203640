"""Switching between organizations: found, remembered, logged; pages of before it write nothing."""

import re
from html import unescape

import pytest

from accounts.models import User
from audit.models import AuditLog
from tenants.models import Organization, OrgMember, Store, Workspace
from tests.admin.test_pages import make_world
from tests.clients import WebClient
from tests.factories import make_member, make_org, make_store

pytestmark = pytest.mark.django_db
MISSING = "00000000-0000-0000-0000-00000000dead"


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


def test_switching_needs_the_token_of_the_form(superuser, org) -> None:
    client = WebClient(enforce_csrf_checks=True)
    client.force_login(superuser)
    assert client.post("/admin/switch/", {"org": org.pk}).status_code == 403
    assert User.objects.get(pk=superuser.pk).console_org is None


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
