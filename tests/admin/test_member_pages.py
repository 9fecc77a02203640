"""Members, invitations and organizations changed on pages that say what follows, by who may and by nobody else."""

from html import unescape

import pytest
from django.contrib.auth.models import Permission

from accounts.mail import finish_deliveries
from audit.models import AuditLog
from tenants.models import Invitation, MemberState, Organization, OrgMember, OrgStatus, Role
from tests.admin.conftest import make_operator, sign_in
from tests.factories import make_member, make_staff, owner_of

pytestmark = pytest.mark.django_db
MEMBER_PAGES = ["change_role", "make_owner", "deactivate", "reactivate"]
ORG_PAGES = ["transfer_ownership", "invite", "suspend", "resume"]


def page(member, name):
    return f"/admin/tenants/orgmember/{member.pk}/{name}/"


def org_page(org, name):
    return f"/admin/tenants/organization/{org.pk}/{name}/"


def text_of(answer) -> str:
    return unescape(answer.content.decode())


def stands(member) -> tuple[str, str]:
    now = OrgMember.objects.get(pk=member.pk)
    return now.role, now.state


def roles(org) -> dict[str, str]:
    return {m.user.email: m.role for m in org.members.select_related("user")}


def test_a_page_says_what_follows_and_does_nothing_yet(as_operator, org) -> None:
    member = make_member(org)
    for name, sentence in (
        ("change_role", "next request"),
        ("deactivate", "access rows are kept"),
        ("make_owner", f"{owner_of(org).email} becomes admin"),
    ):
        assert sentence in text_of(as_operator.get(page(member, name)))
    assert stands(member) == (Role.MEMBER, MemberState.ACTIVE)


def test_taking_somebody_out_says_what_goes_and_what_stays(as_operator, org) -> None:
    member = make_member(org)
    shown = text_of(as_operator.get(page(member, "delete")))
    assert f"{member.user} is no longer in {org}" in shown
    assert "Their account stays, and so do their access rows" in shown
    as_operator.post(page(member, "delete"), {"post": "yes"})
    assert not OrgMember.objects.filter(pk=member.pk).exists()


def test_a_role_is_changed_on_its_page(as_operator, operator, org) -> None:
    member = make_member(org)
    answer = as_operator.post(page(member, "change_role"), {"role": "admin"}, follow=True)
    assert f"{member.user.email} is admin of {org} now." in text_of(answer)
    assert stands(member) == (Role.ADMIN, MemberState.ACTIVE)
    entry = AuditLog.objects.get(table_name="org_members", record_id=str(member.pk), action="UPDATE")
    assert (entry.user_id, entry.surface) == (operator.pk, "console")


def test_a_member_is_shut_out_and_let_in_again_on_pages(as_operator, org) -> None:
    member = make_member(org, Role.ADMIN)
    as_operator.post(page(member, "deactivate"))
    assert stands(member) == (Role.ADMIN, MemberState.INACTIVE)
    as_operator.post(page(member, "reactivate"))
    assert stands(member) == (Role.ADMIN, MemberState.ACTIVE)


def test_only_what_can_follow_is_offered(as_operator, org) -> None:
    inactive = make_member(org, state=MemberState.INACTIVE)
    shown = text_of(as_operator.get(page(inactive, "change")))
    assert "/reactivate/" in shown
    assert "/deactivate/" not in shown
    assert as_operator.post(page(inactive, "deactivate")).status_code == 403


@pytest.mark.parametrize(("name", "sent"), [("deactivate", {}), ("change_role", {"role": "member"})])
def test_the_last_owner_stays_and_the_page_says_why(as_operator, org, owner, name, sent) -> None:
    last = OrgMember.objects.get(org=org, user=owner)
    answer = as_operator.post(page(last, name), sent)
    assert "An organization keeps at least one active owner." in text_of(answer)
    assert stands(last) == (Role.OWNER, MemberState.ACTIVE)


def test_ownership_moves_from_the_members_page(as_operator, org, owner) -> None:
    heir = make_member(org)
    assert "/make_owner/" in text_of(as_operator.get(page(heir, "change")))
    answer = as_operator.post(page(heir, "make_owner"), follow=True)
    assert f"{heir.user.email} owns {org} now." in text_of(answer)
    assert roles(org)[heir.user.email] == Role.OWNER
    assert roles(org)[owner.email] == Role.ADMIN


@pytest.mark.parametrize("staff", ["in_all", "in_org", "as_operator"])
def test_ownership_moves_from_the_organizations_page(staff, request, org, owner) -> None:
    client, heir = request.getfixturevalue(staff), make_member(org)
    assert "/transfer_ownership/" in text_of(client.get(org_page(org, "change")))
    asked = text_of(client.get(org_page(org, "transfer_ownership")))
    assert f'<option value="{heir.user.email}">' in asked
    client.post(org_page(org, "transfer_ownership"), {"email": heir.user.email.upper()})
    assert roles(org)[heir.user.email] == Role.OWNER
    assert roles(org)[owner.email] == Role.ADMIN


@pytest.mark.parametrize("who", ["stranger", "inactive", "nobody"])
def test_ownership_goes_to_no_one_who_is_no_active_member(as_operator, org, owner, stranger, who) -> None:
    inactive = make_member(org, state=MemberState.INACTIVE)
    email = {"stranger": stranger.email, "inactive": inactive.user.email, "nobody": "nobody@example.org"}[who]
    answer = text_of(as_operator.post(org_page(org, "transfer_ownership"), {"email": email}))
    assert "is a member of" in answer or "not active" in answer
    assert roles(org)[owner.email] == Role.OWNER


def test_an_organization_is_suspended_and_opened_again_with_a_reason(in_all, superuser, org) -> None:
    assert "required" in text_of(in_all.post(org_page(org, "suspend"), {"reason": ""}))
    in_all.post(org_page(org, "suspend"), {"reason": "invoice unpaid"})
    assert Organization.objects.get(pk=org.pk).status == OrgStatus.SUSPENDED
    entry = AuditLog.objects.filter(table_name="organizations", record_id=str(org.pk)).order_by("-id")[0]
    assert (entry.reason, entry.user_id) == ("invoice unpaid", superuser.pk)
    in_all.post(org_page(org, "resume"), {"reason": "paid"})
    assert Organization.objects.get(pk=org.pk).status == OrgStatus.ACTIVE


def test_a_selection_is_named_first_and_each_is_done_by_itself(as_operator, org, owner) -> None:
    members = [make_member(org), make_member(org), OrgMember.objects.get(org=org, user=owner)]
    sent = {"action": "deactivate_selected", "_selected_action": [m.pk for m in members]}
    asked = text_of(as_operator.post("/admin/tenants/orgmember/", sent))
    assert "Deactivate: 3 members?" in asked
    assert all(m.user.email in asked for m in members)
    assert stands(members[0])[1] == MemberState.ACTIVE
    done = text_of(as_operator.post("/admin/tenants/orgmember/", {**sent, "post": "yes"}, follow=True))
    assert "Deactivated: 2." in done
    assert "keeps at least one active owner" in done
    assert [stands(m)[1] for m in members] == ["inactive", "inactive", "active"]


def test_a_selections_roles_are_changed_together(as_operator, org) -> None:
    members = [make_member(org), make_member(org)]
    sent = {"action": "change_role_of_selected", "_selected_action": [m.pk for m in members], "post": "yes"}
    assert "required" in text_of(as_operator.post("/admin/tenants/orgmember/", sent))
    as_operator.post("/admin/tenants/orgmember/", {**sent, "role": "admin"})
    assert [stands(m)[0] for m in members] == ["admin", "admin"]


def test_a_selection_of_foreign_ids_is_empty(as_operator, other_org) -> None:
    foreign = make_member(other_org)
    sent = {"action": "deactivate_selected", "_selected_action": [foreign.pk], "post": "yes", "select_across": "0"}
    as_operator.post("/admin/tenants/orgmember/", sent)
    assert stands(foreign)[1] == MemberState.ACTIVE


def test_all_of_a_filter_is_the_consoles_organization_only(as_operator, org, other_org) -> None:
    mine, foreign = make_member(org), make_member(other_org)
    sent = {"action": "change_role_of_selected", "_selected_action": [mine.pk], "select_across": "1", "post": "yes"}
    as_operator.post("/admin/tenants/orgmember/?role__exact=member", {**sent, "role": "admin"})
    assert stands(mine)[0] == "admin"
    assert stands(foreign)[0] == "member"


@pytest.fixture
def invitation(as_operator, org):
    as_operator.post("/admin/tenants/invitation/add/", {"email": "new@example.org", "role": "member"})
    return Invitation.objects.get(org=org)


def test_an_invitation_is_sent_again(as_operator, invitation, django_capture_on_commit_callbacks, mailoutbox) -> None:
    address = f"/admin/tenants/invitation/{invitation.pk}/resend/"
    assert "the link that was sent before is dead" in text_of(as_operator.get(address))
    with django_capture_on_commit_callbacks(execute=True):
        as_operator.post(address)
    finish_deliveries()
    assert mailoutbox[0].to == ["new@example.org"]
    assert Invitation.objects.get(pk=invitation.pk).token_hash != invitation.token_hash


def test_an_invitation_is_withdrawn_on_its_page_and_then_offers_nothing(as_operator, invitation) -> None:
    address = f"/admin/tenants/invitation/{invitation.pk}/"
    as_operator.post(f"{address}withdraw/")
    assert Invitation.objects.get(pk=invitation.pk).state == "revoked"
    assert "/resend/" not in text_of(as_operator.get(f"{address}change/"))
    assert as_operator.post(f"{address}resend/").status_code == 403


@pytest.mark.parametrize("staff", ["in_org", "as_operator"])
def test_pages_about_another_organizations_rows_are_not_there(staff, request, other_org) -> None:
    client, foreign = request.getfixturevalue(staff), make_member(other_org)
    before = stands(foreign)
    for address in [page(foreign, n) for n in MEMBER_PAGES] + [org_page(other_org, n) for n in ORG_PAGES]:
        for answer in (client.get(address), client.post(address, {"role": "admin", "email": foreign.user.email})):
            assert answer.status_code == 404, address
    assert stands(foreign) == before


def test_pages_are_closed_to_staff_without_the_permission(org) -> None:
    reader = make_staff()
    make_member(org, user=reader)
    reader.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client, member = sign_in(reader), make_member(org)
    for address in [page(member, n) for n in MEMBER_PAGES] + [org_page(org, n) for n in ORG_PAGES]:
        assert client.get(address).status_code == 403, address
        assert client.post(address, {"role": "admin"}).status_code == 403, address
    assert stands(member) == (Role.MEMBER, MemberState.ACTIVE)


@pytest.mark.parametrize("key", ["nonsense", "²", "00000000-0000-0000-0000-00000000dead"])
def test_a_page_about_no_member_is_not_there(as_operator, key) -> None:
    assert as_operator.get(f"/admin/tenants/orgmember/{key}/make_owner/").status_code == 404


def test_staff_of_another_organization_switch_before_they_act(org, other_org) -> None:
    member = make_member(org)
    client = sign_in(make_operator(other_org))
    assert client.post(page(member, "deactivate")).status_code == 404
    assert stands(member)[1] == MemberState.ACTIVE
