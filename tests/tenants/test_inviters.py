"""An invitation gives no role above the inviter's: neither when it is sent nor when it is accepted."""

import pytest
from django.db import IntegrityError, transaction

from accounts.lifecycle import delete_user
from tenants.errors import Conflict
from tenants.invitations import accept_invitation, invite, resend_invitation, revoke_invitation
from tenants.membership import change_role, deactivate_member, remove_member
from tenants.models import Role
from tests.factories import make_member, make_person, make_superuser


@pytest.fixture
def admin(org):
    return make_member(org, Role.ADMIN)


@pytest.fixture
def guest(db):
    return make_person(email="Guest@Example.org")


@pytest.fixture
def second(org):
    return make_member(org, Role.OWNER)


def refuse(token, guest):
    with pytest.raises(Conflict, match="may no longer give the role") as refused:
        accept_invitation(token, actor=guest)
    assert refused.value.code == "invitations_inviter"


def test_who_was_demoted_no_longer_makes_owners(org, owner, second, guest):
    _, token = invite(org, guest.email, role=Role.OWNER, actor=second.user)
    change_role(second, role=Role.ADMIN, actor=owner)
    refuse(token, guest)


def test_who_was_demoted_to_admin_still_makes_members(org, owner, second, guest):
    _, token = invite(org, guest.email, role=Role.ADMIN, actor=second.user)
    change_role(second, role=Role.ADMIN, actor=owner)
    assert accept_invitation(token, actor=guest).role == Role.ADMIN


def test_who_was_demoted_to_member_makes_nobody_a_member(org, owner, admin, guest):
    _, token = invite(org, guest.email, role=Role.MEMBER, actor=admin.user)
    change_role(admin, role=Role.MEMBER, actor=owner)
    refuse(token, guest)


def test_who_was_removed_deactivated_or_disabled_makes_nobody_a_member(org, owner, guest):
    for leave in (
        lambda who: remove_member(who, actor=owner),
        lambda who: deactivate_member(who, actor=owner),
        lambda who: type(guest).objects.filter(pk=who.user_id).update(is_active=False),
        lambda who: delete_user(who.user, actor=who.user),
    ):
        inviter = make_member(org, Role.ADMIN)
        invitation, token = invite(org, guest.email, role=Role.MEMBER, actor=inviter.user)
        leave(inviter)
        refuse(token, guest)
        revoke_invitation(invitation, actor=owner)


def test_a_superusers_invitation_holds_while_they_are_superuser(org, guest):
    person = make_superuser()
    _, token = invite(org, guest.email, role=Role.OWNER, actor=person)
    type(person).objects.filter(pk=person.pk).update(is_superuser=False)
    refuse(token, guest)
    type(person).objects.filter(pk=person.pk).update(is_superuser=True)
    assert accept_invitation(token, actor=guest).role == Role.OWNER


def test_who_sends_it_again_answers_for_it(org, owner, admin, guest):
    invitation, _ = invite(org, guest.email, role=Role.MEMBER, actor=admin.user)
    remove_member(admin, actor=owner)
    token = resend_invitation(invitation, actor=owner)
    assert accept_invitation(token, actor=guest).role == Role.MEMBER


def test_the_database_refuses_it_at_sign_up_as_well(org, owner, second):
    _, token = invite(org, "new@example.org", role=Role.OWNER, actor=second.user)
    change_role(second, role=Role.ADMIN, actor=owner)
    with pytest.raises(IntegrityError, match="may no longer give"), transaction.atomic():
        sign_up("new@example.org", token)


def sign_up(email, token):
    with transaction.atomic(), transaction.get_connection().cursor() as cursor:
        cursor.execute("select set_config('tenantry.provision', %s, true)", [f"invite:{token}"])
        return make_person(email=email)
