"""Members: who may do what to whom."""

import pytest
from django.db import transaction

from tenants.errors import Conflict, NotAllowed, NotFound
from tenants.membership import (
    add_member,
    change_role,
    deactivate_member,
    reactivate_member,
    remove_member,
    transfer_ownership,
)
from tenants.models import MemberState, OrgMember, Role, WorkspaceMember
from tenants.scope import api_scope, owner_scope, service_scope, staff_scope
from tests.factories import make_member, make_person, make_staff, make_superuser, make_workspace, owner_of
from tests.log_reading import actors, changes, logged_rows


@pytest.fixture
def admin(org):
    return make_member(org, Role.ADMIN)


@pytest.fixture
def member(org):
    return make_member(org)


@pytest.fixture
def ownership(org, owner):
    return OrgMember.objects.get(org=org, user=owner)


def reread(member):
    return OrgMember.objects.get(pk=member.pk)


class TestAdding:
    def test_a_person_who_is_added_is_an_active_member_who_has_joined(self, org, owner):
        added = reread(add_member(org, make_person(), role=Role.ADMIN, actor=owner))
        assert (added.org_id, added.role, added.state) == (org.pk, Role.ADMIN, MemberState.ACTIVE)
        assert added.joined_at is not None

    def test_an_admin_adds_in_the_api(self, org, admin):
        person = make_person()
        with api_scope(admin.user_id, org.pk):
            add_member(org, person, role=Role.MEMBER, actor=admin.user)
        assert OrgMember.objects.filter(org=org, user=person, role=Role.MEMBER).exists()

    def test_an_admin_makes_no_owner(self, org, admin):
        with pytest.raises(NotAllowed, match="Only owners"):
            add_member(org, make_person(), role=Role.OWNER, actor=admin.user)

    def test_an_owner_makes_owners(self, org, owner):
        assert add_member(org, make_person(), role=Role.OWNER, actor=owner).role == Role.OWNER

    @pytest.mark.parametrize("state", [MemberState.PENDING, MemberState.INACTIVE])
    def test_a_membership_that_is_not_active_gives_no_authority(self, org, state):
        was_owner = make_member(org, Role.OWNER, state)
        with pytest.raises(NotAllowed, match="Only active members"):
            add_member(org, make_person(), role=Role.MEMBER, actor=was_owner.user)

    def test_a_plain_member_adds_nobody(self, org, member):
        with pytest.raises(NotAllowed, match="your role is member"):
            add_member(org, make_person(), role=Role.MEMBER, actor=member.user)

    def test_the_owner_of_another_organization_adds_nobody(self, org, stranger):
        with pytest.raises(NotAllowed, match="Only active members"):
            add_member(org, make_person(), role=Role.MEMBER, actor=stranger)

    def test_whoever_is_in_already_is_a_conflict(self, org, owner, member):
        with pytest.raises(Conflict, match="member of the organization already") as refused:
            add_member(org, member.user, role=Role.MEMBER, actor=owner)
        assert refused.value.code == "org_members_person"

    def test_one_row_is_logged_in_the_actors_name(self, org, owner):
        person = make_person()
        with logged_rows() as rows, api_scope(owner.pk, org.pk, request_id="r1"):
            add_member(org, person, role=Role.MEMBER, actor=owner)
        assert changes(rows) == [("INSERT", "org_members")]
        assert (rows[0].actor, rows[0].surface, rows[0].request_id) == (f"user:{owner.pk}", "api", "r1")


class TestRoles:
    def test_an_admin_promotes_a_member_to_admin(self, org, admin, member):
        with api_scope(admin.user_id, org.pk):
            assert change_role(member, role=Role.ADMIN, actor=admin.user).role == Role.ADMIN
        assert reread(member).role == Role.ADMIN

    def test_an_admin_promotes_nobody_to_owner_and_not_themselves(self, org, admin, member):
        for who in (admin, member):
            with pytest.raises(NotAllowed):
                change_role(who, role=Role.OWNER, actor=admin.user)

    def test_an_admin_demotes_no_owner(self, org, admin, ownership):
        for scope in (api_scope(admin.user_id, org.pk), transaction.atomic()):
            with scope, pytest.raises(NotAllowed, match="Only owners"):
                change_role(ownership, role=Role.MEMBER, actor=admin.user)

    def test_the_role_is_judged_as_it_stands_and_not_as_the_caller_holds_it(self, org, admin, member):
        OrgMember.objects.filter(pk=member.pk).update(role=Role.OWNER)
        with pytest.raises(NotAllowed):
            change_role(member, role=Role.MEMBER, actor=admin.user)

    def test_a_demoted_admin_has_lost_authority_at_once(self, org, owner, admin, member):
        change_role(admin, role=Role.MEMBER, actor=owner)
        with pytest.raises(NotAllowed):
            change_role(member, role=Role.ADMIN, actor=admin.user)

    def test_the_last_owner_is_not_demoted(self, org, owner, ownership):
        with api_scope(owner.pk, org.pk), pytest.raises(Conflict) as refused:
            change_role(ownership, role=Role.ADMIN, actor=owner)
        assert refused.value.code == "org_members_last_owner"
        assert refused.value.sentence == (
            "An organization keeps at least one active owner."
            " Make somebody else an owner first, or delete the organization."
        )
        assert reread(ownership).role == Role.OWNER

    def test_the_same_role_again_changes_and_logs_nothing(self, org, owner, member):
        with logged_rows() as rows:
            change_role(member, role=Role.MEMBER, actor=owner)
        assert rows == []

    def test_a_removed_member_is_not_found(self, org, owner, member):
        OrgMember.objects.filter(pk=member.pk).delete()
        with pytest.raises(NotFound):
            change_role(member, role=Role.ADMIN, actor=owner)

    def test_one_row_is_logged_in_the_actors_name(self, org, owner, member):
        with logged_rows() as rows, api_scope(owner.pk, org.pk):
            change_role(member, role=Role.ADMIN, actor=owner)
        assert changes(rows) == [("UPDATE", "org_members")]
        assert (rows[0].old_data, rows[0].new_data) == ({"role": "member"}, {"role": "admin"})
        assert actors(rows) == {f"user:{owner.pk}"}


class TestStates:
    def test_reactivation_keeps_the_role_and_the_day_of_joining(self, org, owner, admin):
        with api_scope(owner.pk, org.pk):
            deactivate_member(admin, actor=owner)
            assert reread(admin).state == MemberState.INACTIVE
            reactivate_member(admin, actor=owner)
        back = reread(admin)
        assert (back.role, back.state, back.joined_at) == (Role.ADMIN, MemberState.ACTIVE, admin.joined_at)

    def test_an_admin_does_not_bring_an_owner_back(self, org, admin):
        was_owner = make_member(org, Role.OWNER, MemberState.INACTIVE)
        with pytest.raises(NotAllowed):
            reactivate_member(was_owner, actor=admin.user)

    def test_the_last_owner_is_not_deactivated(self, org, owner, ownership):
        with pytest.raises(Conflict, match="at least one active owner"):
            deactivate_member(ownership, actor=owner)

    def test_who_is_pending_is_not_made_active_by_somebody_else(self, org, owner):
        pending = make_member(org, state=MemberState.PENDING)
        with pytest.raises(Conflict, match="pending, not inactive"):
            reactivate_member(pending, actor=owner)

    def test_deactivating_twice_is_a_conflict(self, org, owner, member):
        deactivate_member(member, actor=owner)
        with pytest.raises(Conflict, match="inactive, not active"):
            deactivate_member(member, actor=owner)

    def test_each_leaves_one_row_in_the_actors_name(self, org, owner, member):
        with logged_rows() as rows, api_scope(owner.pk, org.pk):
            deactivate_member(member, actor=owner)
            reactivate_member(member, actor=owner)
        assert [row.new_data for row in rows] == [{"state": "inactive"}, {"state": "active"}]
        assert actors(rows) == {f"user:{owner.pk}"}


class TestRemoving:
    def test_an_admin_removes_a_member_and_their_places_in_workspaces(self, org, admin, member):
        WorkspaceMember.objects.create(org=org, workspace=make_workspace(org), user=member.user)
        with logged_rows() as rows, api_scope(admin.user_id, org.pk):
            remove_member(member, actor=admin.user)
        assert not OrgMember.objects.filter(pk=member.pk).exists()
        assert changes(rows) == [("DELETE", "org_members"), ("DELETE", "workspace_members")]
        assert actors(rows) == {f"user:{admin.user_id}"}

    def test_a_member_may_leave(self, org, member):
        with api_scope(member.user_id, org.pk):
            remove_member(member, actor=member.user)
        assert not OrgMember.objects.filter(pk=member.pk).exists()

    def test_a_member_removes_nobody_else(self, org, member, ownership):
        with api_scope(member.user_id, org.pk), pytest.raises(NotAllowed):
            remove_member(ownership, actor=member.user)

    def test_the_last_owner_neither_leaves_nor_is_removed(self, org, owner, ownership):
        with api_scope(owner.pk, org.pk), pytest.raises(Conflict, match="at least one active owner"):
            remove_member(ownership, actor=owner)
        with pytest.raises(Conflict, match="at least one active owner"):
            remove_member(ownership, actor=make_superuser())
        assert reread(ownership).role == Role.OWNER

    def test_one_of_two_owners_may_leave(self, org, owner, ownership):
        make_member(org, Role.OWNER)
        remove_member(ownership, actor=owner)
        assert owner_of(org) != owner


class TestTransfer:
    def test_the_new_owner_takes_the_actors_place(self, org, owner, ownership, member):
        with logged_rows() as rows, api_scope(owner.pk, org.pk):
            transfer_ownership(org, to=member.user, actor=owner)
        assert (reread(member).role, reread(ownership).role) == (Role.OWNER, Role.ADMIN)
        assert changes(rows) == [("UPDATE", "org_members")] * 2
        assert actors(rows) == {f"user:{owner.pk}"}

    def test_another_owner_keeps_their_place(self, org, owner, member):
        second = make_member(org, Role.OWNER)
        transfer_ownership(org, to=member.user, actor=owner)
        assert reread(second).role == Role.OWNER

    def test_staff_hand_over_the_place_of_every_owner(self, org, ownership, member):
        second = make_member(org, Role.OWNER)
        transfer_ownership(org, to=member.user, actor=make_superuser())
        assert [reread(m).role for m in (member, ownership, second)] == [Role.OWNER, Role.ADMIN, Role.ADMIN]

    def test_an_admin_transfers_nothing(self, org, admin):
        with pytest.raises(NotAllowed, match="Only owners"):
            transfer_ownership(org, to=admin.user, actor=admin.user)

    def test_somebody_outside_is_not_found(self, org, owner, stranger):
        with pytest.raises(NotFound, match="not a member"):
            transfer_ownership(org, to=stranger, actor=owner)

    def test_an_inactive_member_receives_nothing(self, org, owner):
        inactive = make_member(org, state=MemberState.INACTIVE)
        with pytest.raises(Conflict, match="inactive, not active"):
            transfer_ownership(org, to=inactive.user, actor=owner)


class TestWhoseAuthority:
    def test_staff_count_as_owner_of_their_console_organization(self, org, member):
        person = make_staff()
        make_member(org, user=person)
        with staff_scope(person.pk, org.pk):
            assert change_role(member, role=Role.OWNER, actor=person).role == Role.OWNER

    def test_staff_have_no_authority_beyond_the_organization_in_scope(self, org, other_org):
        person = make_staff()
        make_member(org, user=person)
        with staff_scope(person.pk, org.pk), pytest.raises(NotAllowed):
            add_member(other_org, person, role=Role.MEMBER, actor=person)

    def test_superusers_count_as_owner_everywhere_in_the_console(self, org, member):
        person = make_superuser()
        with staff_scope(person.pk, all_orgs=True):
            assert change_role(member, role=Role.OWNER, actor=person).role == Role.OWNER

    def test_being_superuser_counts_for_nothing_in_the_api(self, org, owner):
        person = make_superuser()
        mere_member = make_member(org, user=person)
        with api_scope(person.pk, org.pk), pytest.raises(NotAllowed, match="your role is member"):
            change_role(mere_member, role=Role.ADMIN, actor=person)

    def test_a_command_names_a_superuser_or_somebody_with_the_role(self, org, member):
        with owner_scope("test"):
            assert change_role(member, role=Role.ADMIN, actor=make_superuser()).role == Role.ADMIN
            with pytest.raises(NotAllowed):
                change_role(member, role=Role.OWNER, actor=make_staff())

    def test_nobody_acts_in_the_scope_of_somebody_else(self, org, owner, member):
        with service_scope("test", sub=member.user_id), pytest.raises(NotAllowed, match="whose scope"):
            change_role(member, role=Role.ADMIN, actor=owner)
