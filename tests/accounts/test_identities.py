"""Identities: every user's active organization and `app_metadata.org_id`, added and never taken away."""

import pytest

from accounts.identities import JOB, count_behind, find_left_out, give_identities
from accounts.models import User
from audit.models import AuditLog
from tests.factories import make_member, make_staff, org_of, owner_of

pytestmark = pytest.mark.django_db(transaction=True)


def give():
    return list(give_identities())


def make_loner():
    """A customer whose memberships have all ended."""
    person = make_staff()
    User.objects.filter(pk=person.pk).update(is_staff=False)
    return person


def claim_of(user):
    user.refresh_from_db()
    return user.app_metadata.get("org_id"), user.active_org_id


def test_everybody_gets_the_organization_of_their_earliest_membership(org, other_org):
    member = make_member(org).user
    User.objects.update(active_org=None)
    give()
    assert claim_of(member) == (str(org_of(member).pk), org_of(member).pk)
    assert claim_of(owner_of(other_org)) == (str(other_org.pk), other_org.pk)


def test_a_choice_that_is_still_good_stays(org, other_org):
    member = make_member(org).user
    make_member(other_org, user=member)
    User.objects.filter(pk=member.pk).update(active_org=other_org)
    give()
    assert claim_of(member) == (str(other_org.pk), other_org.pk)


def test_a_claim_that_went_stale_is_replaced_and_other_metadata_stay(org, other_org):
    member = make_member(org).user
    User.objects.filter(pk=member.pk).update(
        active_org=other_org, app_metadata={"org_id": str(other_org.pk), "provider": "email"}
    )
    give()
    member.refresh_from_db()
    assert member.app_metadata == {"org_id": str(org_of(member).pk), "provider": "email"}
    assert member.active_org_id == org_of(member).pk


def test_each_change_is_in_the_log_and_a_second_run_changes_nothing(org):
    give()
    assert count_behind() == 0
    logged = AuditLog.objects.filter(table_name="users", action="UPDATE", actor=f"system:{JOB}")
    before = logged.count()
    assert before >= 1
    assert logged.filter(record_id=str(owner_of(org).pk), new_data__app_metadata__org_id=str(org.pk)).exists()
    assert sum(p.batch_rows for p in give()) == 0
    assert logged.count() == before


def test_who_belongs_to_nothing_is_named_and_left_as_they_are(org):
    loner = make_loner()
    give()
    assert claim_of(loner)[0] is None
    assert find_left_out().emails == (loner.email,)
