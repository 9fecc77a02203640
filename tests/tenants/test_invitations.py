"""Invitations: by token, for one address, once, and never above who sent them."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tenants.errors import Conflict, NotAllowed, NotFound
from tenants.invitations import accept_invitation, hash_token, invite, resend_invitation, revoke_invitation
from tenants.membership import deactivate_member
from tenants.models import Invitation, InvitationState, MemberState, Organization, OrgMember, Role
from tenants.scope import api_scope, service_scope, staff_scope
from tests.factories import make_member, make_person, make_staff, make_superuser
from tests.log_reading import actors, changes, logged_rows
from tests.racing import run_at_once

LONG_AGO = timezone.now().replace(year=2020)
UNACCEPTABLE = "used, withdrawn, expired or for another address"


@pytest.fixture
def admin(org):
    return make_member(org, Role.ADMIN)


@pytest.fixture
def guest(db):
    return make_person(email="Guest@Example.org")


@pytest.fixture
def sent(org, owner, guest):
    """An open invitation for the guest, and its token."""
    return invite(org, "guest@example.ORG", role=Role.MEMBER, actor=owner)


def expire(invitation):
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=LONG_AGO)


class TestSending:
    def test_only_the_hash_of_the_token_is_kept(self, org, owner):
        invitation, token = invite(org, "new@example.org", role=Role.MEMBER, actor=owner)
        stored = Invitation.objects.filter(pk=invitation.pk).values().get()
        assert stored["token_hash"] == hash_token(token)
        assert token not in str(stored)

    @pytest.mark.parametrize("status", ["suspended", "deleting"])
    def test_nobody_is_asked_into_an_organization_that_lets_nobody_in(self, org, owner, sent, status):
        since = timezone.now() if status == "deleting" else None
        Organization.objects.filter(pk=org.pk).update(status=status, deleting_since=since)
        for ask in (
            lambda: invite(org, "new@example.org", role=Role.MEMBER, actor=make_superuser()),
            lambda: resend_invitation(sent[0], actor=make_superuser()),
        ):
            with pytest.raises(Conflict, match="nobody can be asked in"):
                ask()

    def test_neither_token_nor_hash_is_in_the_log(self, org, owner):
        with logged_rows() as rows:
            _, token = invite(org, "new@example.org", role=Role.MEMBER, actor=owner)
        assert token not in str([row.new_data for row in rows])
        assert [row.new_data["token_hash"] for row in rows] == ["[redacted]"]

    def test_an_admin_invites_in_the_api(self, org, admin):
        with logged_rows() as rows, api_scope(admin.user_id, org.pk, request_id="r1"):
            invitation, _ = invite(org, "new@example.org", role=Role.ADMIN, actor=admin.user)
        assert (invitation.invited_by_id, invitation.role) == (admin.user_id, Role.ADMIN)
        assert changes(rows) == [("INSERT", "invitations")]
        assert actors(rows) == {f"user:{admin.user_id}"}

    def test_staff_invite_in_the_console(self, org):
        person = make_staff()
        make_member(org, user=person)
        with staff_scope(person.pk, org.pk):
            invitation, _ = invite(org, "new@example.org", role=Role.OWNER, actor=person)
        assert invitation.role == Role.OWNER

    def test_an_admin_does_not_invite_owners(self, org, admin):
        with api_scope(admin.user_id, org.pk), pytest.raises(NotAllowed, match="Only owners"):
            invite(org, "new@example.org", role=Role.OWNER, actor=admin.user)

    def test_a_member_invites_nobody(self, org):
        member = make_member(org)
        with api_scope(member.user_id, org.pk), pytest.raises(NotAllowed):
            invite(org, "new@example.org", role=Role.MEMBER, actor=member.user)

    def test_what_is_no_address_is_invalid(self, org, owner):
        with pytest.raises(ValidationError):
            invite(org, "nobody", role=Role.MEMBER, actor=owner)

    def test_a_second_one_to_the_same_address_is_a_conflict_whatever_its_case(self, org, owner, sent):
        with api_scope(owner.pk, org.pk), pytest.raises(Conflict, match="send it again"):
            invite(org, "GUEST@example.org", role=Role.MEMBER, actor=owner)

    def test_one_that_ran_out_gives_way_to_a_new_one(self, org, admin, sent):
        old, _ = sent
        Invitation.objects.filter(pk=old.pk).update(role=Role.OWNER, expires_at=LONG_AGO)
        with logged_rows() as rows, api_scope(admin.user_id, org.pk):
            new, _ = invite(org, "guest@example.org", role=Role.MEMBER, actor=admin.user)
        old.refresh_from_db()
        assert (old.state, new.state) == (InvitationState.REVOKED, InvitationState.PENDING)
        assert changes(rows) == [("INSERT", "invitations"), ("UPDATE", "invitations")]
        assert actors(rows) == {f"user:{admin.user_id}"}

    def test_a_member_is_not_invited_again(self, org, owner, guest):
        make_member(org, user=guest)
        with api_scope(owner.pk, org.pk), pytest.raises(Conflict, match="member of the organization already"):
            invite(org, "guest@example.org", role=Role.MEMBER, actor=owner)

    def test_an_inactive_member_is_reactivated_and_not_invited(self, org, owner, guest):
        make_member(org, user=guest, state=MemberState.INACTIVE)
        with pytest.raises(Conflict, match="reactivate them"):
            invite(org, "guest@example.org", role=Role.MEMBER, actor=owner)


class TestAccepting:
    def test_the_person_becomes_a_member_with_the_role_of_the_invitation(self, org, owner, guest):
        invitation, token = invite(org, "guest@example.org", role=Role.ADMIN, actor=owner)
        joined = accept_invitation(token, actor=guest)
        invitation.refresh_from_db()
        assert (joined.org_id, joined.role, joined.state) == (org.pk, Role.ADMIN, MemberState.ACTIVE)
        assert (invitation.state, invitation.accepted_by_id) == (InvitationState.ACCEPTED, guest.pk)
        assert joined.joined_at is not None
        assert invitation.accepted_at is not None

    def test_it_works_from_the_service_and_from_another_organizations_scope(self, org, owner, guest, sent):
        _, token = sent
        with api_scope(guest.pk, guest.memberships.get().org_id):
            assert accept_invitation(token, actor=guest).org_id == org.pk
        other = make_person()
        _, token = invite(org, other.email, role=Role.MEMBER, actor=owner)
        with service_scope("accept"):
            assert accept_invitation(token, actor=other).org_id == org.pk

    def test_two_rows_are_logged_in_the_persons_name(self, guest, sent):
        with logged_rows() as rows:
            accept_invitation(sent[1], actor=guest)
        assert changes(rows) == [("INSERT", "org_members"), ("UPDATE", "invitations")]
        assert actors(rows) == {f"user:{guest.pk}"}

    def test_twice_is_a_conflict(self, guest, sent):
        accept_invitation(sent[1], actor=guest)
        with pytest.raises(Conflict, match=UNACCEPTABLE):
            accept_invitation(sent[1], actor=guest)

    def test_another_persons_is_a_conflict_and_stays_open(self, sent, stranger):
        with pytest.raises(Conflict, match=UNACCEPTABLE):
            accept_invitation(sent[1], actor=stranger)
        assert Invitation.objects.get(pk=sent[0].pk).state == InvitationState.PENDING

    def test_one_that_ran_out_or_was_withdrawn_is_a_conflict(self, org, owner, guest, sent):
        expire(sent[0])
        with pytest.raises(Conflict, match=UNACCEPTABLE):
            accept_invitation(sent[1], actor=guest)
        invitation, token = invite(org, guest.email, role=Role.MEMBER, actor=owner)
        revoke_invitation(invitation, actor=owner)
        with pytest.raises(Conflict, match=UNACCEPTABLE):
            accept_invitation(token, actor=guest)

    @pytest.mark.parametrize("token", ["", "made-up", "'; drop table users; --"])
    def test_a_made_up_token_is_a_conflict(self, guest, token):
        with pytest.raises(Conflict, match=UNACCEPTABLE):
            accept_invitation(token, actor=guest)

    def test_the_hash_itself_is_no_token(self, guest, sent):
        with pytest.raises(Conflict):
            accept_invitation(sent[0].token_hash, actor=guest)

    def test_an_organization_that_is_suspended_takes_nobody_in(self, org, guest, sent):
        type(org).objects.filter(pk=org.pk).update(status="suspended")
        with pytest.raises(Conflict, match=UNACCEPTABLE):
            accept_invitation(sent[1], actor=guest)

    def test_an_active_member_keeps_their_role(self, org, guest, sent):
        make_member(org, Role.ADMIN, user=guest)
        assert accept_invitation(sent[1], actor=guest).role == Role.ADMIN

    def test_a_pending_member_becomes_active(self, org, guest, sent):
        OrgMember.objects.create(org=org, user=guest, state=MemberState.PENDING)
        assert accept_invitation(sent[1], actor=guest).state == MemberState.ACTIVE

    def test_an_inactive_member_does_not_come_back_by_an_old_link(self, org, owner, guest, sent):
        deactivate_member(make_member(org, user=guest), actor=owner)
        with pytest.raises(Conflict, match="deactivated"):
            accept_invitation(sent[1], actor=guest)
        assert OrgMember.objects.get(org=org, user=guest).state == MemberState.INACTIVE
        assert Invitation.objects.get(pk=sent[0].pk).state == InvitationState.PENDING


class TestSendingAgain:
    def test_the_id_stays_and_only_the_new_token_works(self, org, owner, guest, sent):
        invitation, old = sent
        pk = invitation.pk
        with api_scope(owner.pk, org.pk):
            new = resend_invitation(invitation, actor=owner)
        assert (invitation.pk, invitation.token_hash) == (pk, hash_token(new))
        with pytest.raises(Conflict, match=UNACCEPTABLE):
            accept_invitation(old, actor=guest)
        assert accept_invitation(new, actor=guest).org_id == org.pk

    def test_it_revives_one_that_ran_out(self, owner, guest, sent):
        expire(sent[0])
        token = resend_invitation(sent[0], actor=owner)
        assert accept_invitation(token, actor=guest).state == MemberState.ACTIVE

    def test_an_accepted_one_is_not_sent_again(self, owner, guest, sent):
        accept_invitation(sent[1], actor=guest)
        with pytest.raises(Conflict, match="accepted or withdrawn"):
            resend_invitation(sent[0], actor=owner)

    def test_an_admin_does_not_send_an_owners_invitation(self, org, owner, admin):
        invitation, _ = invite(org, "new@example.org", role=Role.OWNER, actor=owner)
        with api_scope(admin.user_id, org.pk), pytest.raises(NotAllowed):
            resend_invitation(invitation, actor=admin.user)

    def test_one_row_is_logged_in_the_actors_name(self, org, owner, sent):
        with logged_rows() as rows, api_scope(owner.pk, org.pk):
            resend_invitation(sent[0], actor=owner)
        assert changes(rows) == [("UPDATE", "invitations")]
        assert (actors(rows), rows[0].new_data["token_hash"]) == ({f"user:{owner.pk}"}, "[redacted]")


class TestWithdrawing:
    def test_one_row_is_logged_and_the_state_says_so(self, org, owner, sent):
        with logged_rows() as rows, api_scope(owner.pk, org.pk):
            revoke_invitation(sent[0], actor=owner)
        assert sent[0].state == InvitationState.REVOKED
        assert [(row.actor, row.new_data) for row in rows] == [(f"user:{owner.pk}", {"state": "revoked"})]

    def test_twice_is_a_conflict(self, owner, sent):
        revoke_invitation(sent[0], actor=owner)
        with pytest.raises(Conflict, match="accepted or withdrawn"):
            revoke_invitation(sent[0], actor=owner)

    def test_an_admin_does_not_withdraw_an_owners_invitation(self, org, owner, admin):
        invitation, _ = invite(org, "new@example.org", role=Role.OWNER, actor=owner)
        with pytest.raises(NotAllowed):
            revoke_invitation(invitation, actor=admin.user)

    def test_that_of_another_organization_is_not_found(self, other_org, stranger, sent):
        with api_scope(stranger.pk, other_org.pk), pytest.raises(NotFound):
            revoke_invitation(sent[0], actor=stranger)


@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_used_many_times_at_once_works_once():
    inviter, guest = make_person(), make_person()
    org = inviter.memberships.get().org
    _, token = invite(org, guest.email, role=Role.MEMBER, actor=inviter)
    answers = run_at_once([lambda: accept_invitation(token, actor=guest)] * 10)
    assert [type(a) for a in answers].count(OrgMember) == 1
    assert [type(a) for a in answers].count(Conflict) == 9
