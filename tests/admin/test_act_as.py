"""Seeing what the API shows a member: through the member's role, read only, with both people in the log."""

from contextlib import contextmanager
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, transaction

from audit.models import AuditLog
from config.act_as import list_routes, read_only
from tenants.models import AiUsage, Customer, MemberState, Store
from tenants.scope import request_scope
from tests.admin.conftest import sign_in
from tests.admin.test_pages import make_world
from tests.factories import make_member, make_staff, owner_of

pytestmark = pytest.mark.django_db
REASON = {"reason": "ticket 42"}


def address(member):
    return f"/admin/act-as/{member.pk}/"


def look(client, member) -> str:
    return text_of(client.post(address(member), REASON))


def text_of(answer) -> str:
    return str(unescape(answer.content.decode()))


def section(page: str, name: str) -> str:
    return str(page.split(f"GET /api/{name}/</code>")[1].split("</section>")[0])


def test_a_reason_comes_first(as_operator, org) -> None:
    member = make_member(org)
    assert "Nothing can be changed from there" in unescape(as_operator.get(address(member)).content.decode())
    assert "GET /api/" not in unescape(as_operator.post(address(member), {"reason": ""}).content.decode())
    assert not AuditLog.objects.filter(action="console.act_as").exists()


@pytest.mark.parametrize("staff", ["in_all", "in_org", "as_operator"])
def test_the_members_role_decides_what_is_shown(staff, request, org) -> None:
    client = request.getfixturevalue(staff)
    make_world(org)
    plain = look(client, make_member(org))
    assert "Acme" in section(plain, "customers")
    assert "Only admins and owners" in section(plain, "invitations")
    assert "Nothing." in section(plain, "ai-usage")
    assert "Nothing." in section(plain, "dsos")
    owned = look(client, org.members.get(user=owner_of(org)))
    assert "new@example.org" in section(owned, "invitations")
    assert "Bright Smiles" in section(owned, "dsos")


def test_a_members_own_rows_are_theirs_alone(in_all, org) -> None:
    make_world(org)
    member = make_member(org)
    AiUsage.objects.create(org=org, user=member.user, query_id=member.pk, model="theirs-only", date="2026-03-01")
    shown = section(look(in_all, member), "ai-usage")
    assert "theirs-only" in shown
    assert "1 row" in shown


def test_nothing_of_another_organization_is_shown(in_all, org, other_org) -> None:
    make_world(other_org)
    Customer.objects.filter(org=other_org).update(name="Foreign Ltd")
    assert "Foreign Ltd" not in look(in_all, make_member(org))


def test_the_log_has_both_people_and_the_reason(as_operator, operator, org) -> None:
    member = make_member(org)
    look(as_operator, member)
    entry = AuditLog.objects.get(action="console.act_as")
    assert (entry.user_id, entry.org_id, entry.record_id) == (operator.pk, org.pk, str(member.pk))
    assert (entry.reason, (entry.new_data or {})["member"]) == ("ticket 42", member.user.email)


def test_the_claims_name_both_people(as_operator, operator, org, monkeypatch) -> None:
    member, entered = make_member(org), []

    @contextmanager
    def watch(*args, **claims):
        with request_scope(*args, **claims) as scope:
            entered.append(scope.claims)
            yield scope

    monkeypatch.setattr("config.act_as.request_scope", watch)
    look(as_operator, member)
    both = {(c["sub"], c["impersonator"], c["user_role"], c["reason"]) for c in entered}
    assert both == {(str(member.user_id), str(operator.pk), "member", "ticket 42")}


def test_the_database_refuses_every_write_while_somebody_looks(org) -> None:
    store = Store.objects.filter(org=org)
    with pytest.raises(DatabaseError, match="read-only"), transaction.atomic(), read_only():
        store.update(name="Written")
    # And takes them again afterwards.
    Customer.objects.create(org=org, name="After")


def test_a_member_who_is_shut_out_is_answered_as_the_api_would(in_all, org) -> None:
    member = make_member(org, state=MemberState.INACTIVE)
    assert "no organization in which you are active" in section(look(in_all, member), "customers")


@pytest.mark.parametrize("staff", ["in_org", "as_operator"])
def test_a_member_of_another_organization_is_not_there(staff, request, other_org) -> None:
    client, member = request.getfixturevalue(staff), make_member(other_org)
    assert client.get(address(member)).status_code == 404
    assert client.post(address(member), REASON).status_code == 404
    assert not AuditLog.objects.filter(action="console.act_as").exists()


def test_nobody_sees_by_it_what_their_permissions_keep_from_them(org) -> None:
    make_world(org)
    reader = make_staff()
    make_member(org, user=reader)
    assert sign_in(reader).post(address(make_member(org)), REASON).status_code == 403
    reader.user_permissions.set(Permission.objects.filter(codename__in=["view_orgmember", "view_store"]))
    shown = look(sign_in(reader), org.members.get(user=owner_of(org)))
    assert "GET /api/stores/" in shown
    assert "GET /api/customers/" not in shown


def test_every_list_of_an_organizations_rows_is_there(superuser) -> None:
    names = {str(route.pattern).strip("/") for route in list_routes(superuser)}
    assert names >= {"customers", "revenue", "activities", "dsos", "doctors", "members", "api-keys", "audit-logs"}
    assert not names & {"auth/sessions", "organizations", "profile"}
