"""The last owner, where no verb stands before the rows: raw SQL and bulk writes, by the owning role itself."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tenants.models import MemberState, OrgMember, Role
from tests.factories import make_member, make_person

LAST_OWNER = "at least one active owner"


@pytest.fixture
def ownership(org, owner):
    return OrgMember.objects.get(org=org, user=owner)


def refuse(statement, parameters):
    with pytest.raises(Exception, match=LAST_OWNER), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_a_raw_delete_is_refused(org):
    refuse("delete from org_members where org_id = %s", [org.pk])


def test_raw_updates_of_role_and_state_are_refused(org):
    refuse("update org_members set role = 'admin' where org_id = %s", [org.pk])
    refuse("update org_members set state = 'inactive' where org_id = %s", [org.pk])


def test_a_bulk_update_is_refused(org):
    with pytest.raises(Exception, match=LAST_OWNER), transaction.atomic():
        OrgMember.objects.filter(org=org).update(role=Role.MEMBER)


def test_bulk_update_of_objects_is_refused(org, ownership):
    ownership.state = MemberState.INACTIVE
    with pytest.raises(Exception, match=LAST_OWNER), transaction.atomic():
        OrgMember.objects.bulk_update([ownership], ["state"])


def test_both_owners_in_one_statement_are_refused(org):
    make_member(org, Role.OWNER)
    refuse("delete from org_members where org_id = %s and role = 'owner'", [org.pk])
    refuse("update org_members set role = 'member' where org_id = %s", [org.pk])


def test_deleting_the_person_is_refused(org, owner):
    make_member(org)
    refuse("delete from users where id = %s", [owner.pk])


def test_moving_the_membership_elsewhere_is_refused(org, other_org):
    with pytest.raises(Exception, match="cannot move"), transaction.atomic():
        OrgMember.objects.filter(org=org).update(org=other_org)


def test_swapping_the_person_of_the_last_owner_leaves_an_owner(org, ownership):
    OrgMember.objects.filter(pk=ownership.pk).update(user=make_person())
    assert OrgMember.objects.filter(org=org, role=Role.OWNER, state=MemberState.ACTIVE).count() == 1


def test_while_the_organization_is_being_deleted_owners_may_go(org):
    type(org).objects.filter(pk=org.pk).update(status="deleting", deleting_since=timezone.now())
    OrgMember.objects.filter(org=org).delete()
    assert not OrgMember.objects.filter(org=org).exists()


@pytest.mark.parametrize(
    ("column", "value"), [("role", "god"), ("state", "gone"), ("joined_at", None), ("org_id", None)]
)
def test_values_outside_the_words_are_refused(org, column, value):
    member = make_member(org)
    with pytest.raises(Exception, match=r"violates|immutable"), transaction.atomic():
        OrgMember.objects.filter(pk=member.pk).update(**{column: value})


def test_an_organization_without_owner_does_not_come_out_of_deletion_by_raw_sql(org):
    with connection.cursor() as cursor:
        cursor.execute("update organizations set status = 'deleting', deleting_since = now() where id = %s", [org.pk])
        cursor.execute("delete from org_members where org_id = %s", [org.pk])
        with pytest.raises(IntegrityError, match="at least one active owner"), transaction.atomic():
            cursor.execute("update organizations set status = 'active', deleting_since = null where id = %s", [org.pk])
