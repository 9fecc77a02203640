"""Changes go through the verbs, and what they refuse is said on the page."""

import pytest

from accounts.mail import finish_deliveries
from accounts.models import User
from audit.models import AuditLog
from tenants.models import Invitation, MemberState, Organization, OrgMember, OrgStatus, Workspace
from tests.factories import make_member, make_person

pytestmark = pytest.mark.django_db


def address(member, page="change"):
    return f"/admin/tenants/orgmember/{member.pk}/{page}/"


def test_a_role_is_changed(as_operator, org) -> None:
    member = make_member(org)
    assert as_operator.post(address(member), {"role": "admin", "state": "active"}).status_code == 302
    assert OrgMember.objects.get(pk=member.pk).role == "admin"


def test_a_change_is_logged_once_with_the_person_behind_it(as_operator, operator, org) -> None:
    member = make_member(org)
    as_operator.post(address(member), {"role": "admin", "state": "active"})
    entry = AuditLog.objects.get(table_name="org_members", record_id=str(member.pk), action="UPDATE")
    assert (entry.user_id, entry.surface, entry.new_data) == (operator.pk, "console", {"role": "admin"})


def test_a_member_is_shut_out_and_let_in_again(as_operator, org) -> None:
    member = make_member(org)
    for state in (MemberState.INACTIVE, MemberState.ACTIVE):
        as_operator.post(address(member), {"role": "member", "state": state})
        assert OrgMember.objects.get(pk=member.pk).state == state


@pytest.mark.parametrize("sent", [{"role": "member", "state": "active"}, {"role": "owner", "state": "inactive"}])
def test_the_last_owner_stays_and_the_form_says_why(as_operator, org, owner, sent) -> None:
    last = OrgMember.objects.get(org=org, user=owner)
    answer = as_operator.post(address(last), sent)
    assert answer.status_code == 200
    assert "An organization keeps at least one active owner." in answer.content.decode()
    assert OrgMember.objects.get(pk=last.pk).role == "owner"


def test_the_last_owner_is_not_removed_and_the_page_says_why(as_operator, org, owner) -> None:
    last = OrgMember.objects.get(org=org, user=owner)
    answer = as_operator.post(address(last, "delete"), {"post": "yes"}, follow=True)
    assert "An organization keeps at least one active owner." in answer.content.decode()
    assert OrgMember.objects.filter(pk=last.pk).exists()


def test_removing_a_selection_with_the_last_owner_removes_nobody(as_operator, org, owner) -> None:
    members = [make_member(org), OrgMember.objects.get(org=org, user=owner)]
    sent = {"action": "delete_selected", "_selected_action": [m.pk for m in members], "post": "yes"}
    answer = as_operator.post("/admin/tenants/orgmember/", sent, follow=True)
    assert "An organization keeps at least one active owner." in answer.content.decode()
    assert OrgMember.objects.filter(pk__in=[m.pk for m in members]).count() == 2


def test_a_member_is_removed(as_operator, org) -> None:
    member = make_member(org)
    assert as_operator.post(address(member, "delete"), {"post": "yes"}).status_code == 302
    assert not OrgMember.objects.filter(pk=member.pk).exists()


def test_superusers_add_members_in_all_organizations(in_all, org) -> None:
    person = make_person()
    sent = {"org": org.pk, "user": person.pk, "role": "admin"}
    assert in_all.post("/admin/tenants/orgmember/add/", sent).status_code == 302
    assert OrgMember.objects.get(org=org, user=person).state == MemberState.ACTIVE


def test_adding_a_member_twice_is_an_error_of_the_form(in_all, org, owner) -> None:
    answer = in_all.post("/admin/tenants/orgmember/add/", {"org": org.pk, "user": owner.pk, "role": "admin"})
    assert answer.status_code == 200
    assert "This person is a member already." in answer.content.decode()


def test_a_taken_name_is_an_error_of_the_form(as_operator, org) -> None:
    Workspace.objects.create(org=org, name="North")
    sent = {"name": "North", "members-TOTAL_FORMS": 0, "members-INITIAL_FORMS": 0}
    answer = as_operator.post("/admin/tenants/workspace/add/", sent)
    assert answer.status_code == 200
    assert "already exists" in answer.content.decode()


def test_an_invitation_is_sent_and_withdrawn(
    as_operator, operator, org, django_capture_on_commit_callbacks, mailoutbox
) -> None:
    sent = {"email": "new@example.org", "role": "member"}
    with django_capture_on_commit_callbacks(execute=True):
        assert as_operator.post("/admin/tenants/invitation/add/", sent).status_code == 302
    finish_deliveries()
    assert [message.to for message in mailoutbox] == [["new@example.org"]]
    invitation = Invitation.objects.get(org=org)
    assert (invitation.email, invitation.invited_by) == ("new@example.org", operator)
    as_operator.post(
        "/admin/tenants/invitation/", {"action": "revoke", "_selected_action": [invitation.pk], "post": "1"}
    )
    assert Invitation.objects.get(pk=invitation.pk).state == "revoked"


def test_a_second_invitation_to_an_address_is_an_error_of_the_form(as_operator) -> None:
    sent = {"email": "new@example.org", "role": "member"}
    as_operator.post("/admin/tenants/invitation/add/", sent)
    answer = as_operator.post("/admin/tenants/invitation/add/", sent)
    assert answer.status_code == 200
    assert "open invitation" in answer.content.decode()


def test_an_organization_is_founded_for_its_owner(in_all) -> None:
    person = make_person()
    sent = {"name": "Fjord Dental", "slug": "fjord", "owner": person.pk, "plan_tier": "growth"}
    assert in_all.post("/admin/tenants/organization/add/", sent).status_code == 302
    made = Organization.objects.get(slug="fjord")
    assert (made.plan_tier, made.created_by) == ("growth", person)
    assert OrgMember.objects.get(org=made).role == "owner"


def test_an_organization_is_deleted_in_two_steps_and_restored(in_all, org) -> None:
    page = f"/admin/tenants/organization/{org.pk}"
    assert in_all.post(f"{page}/delete/", {"post": "yes"}).status_code == 302
    assert Organization.objects.get(pk=org.pk).status == OrgStatus.DELETING
    assert in_all.post(f"{page}/restore/", {"_form_submitted": "on"}).status_code == 200
    assert Organization.objects.get(pk=org.pk).status == OrgStatus.ACTIVE


def test_looking_at_the_question_restores_nothing(in_all, org) -> None:
    page = f"/admin/tenants/organization/{org.pk}"
    in_all.post(f"{page}/delete/", {"post": "yes"})
    assert in_all.get(f"{page}/restore/").status_code == 200
    assert Organization.objects.get(pk=org.pk).status == OrgStatus.DELETING


def test_no_status_is_chosen_in_the_form(in_all, org) -> None:
    sent = {"name": "X", "slug": org.slug, "status": "deleting", "plan_tier": "free"}
    sent |= {"feature_flags": "{}", "white_label_config": "{}"}
    sent |= {f"{p}-{k}": 0 for p in ("members", "invitations") for k in ("TOTAL_FORMS", "INITIAL_FORMS")}
    assert in_all.post(f"/admin/tenants/organization/{org.pk}/change/", sent).status_code == 302
    assert Organization.objects.get(pk=org.pk).status == OrgStatus.ACTIVE


def test_a_person_is_deleted_with_the_organization_they_are_alone_in(in_all, org, owner) -> None:
    assert in_all.post(f"/admin/accounts/user/{owner.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=owner.pk).exists()
    assert Organization.objects.get(pk=org.pk).status == OrgStatus.DELETING


def test_a_person_who_is_needed_stays_and_the_page_says_why(in_all, org, owner) -> None:
    make_member(org)
    answer = in_all.post(f"/admin/accounts/user/{owner.pk}/delete/", {"post": "yes"}, follow=True)
    assert "has other members and no other owner" in answer.content.decode()
    assert User.objects.filter(pk=owner.pk).exists()
