"""Each detector finds its kind, in the organizations looked through, and nothing that is right."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AccessFinding, User
from accounts.review.detectors import BY_NAME, UnknownDetector, choose_detectors
from accounts.review.looking import Window, look_for_findings
from tenants.errors import Conflict
from tenants.models import MemberState, OrgMember
from tests.accounts.review.access import found, grant, grant_to_stranger, look, make_dso
from tests.factories import make_member, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody_has_signed_in(org, other_org) -> None:
    User.objects.update(last_login=timezone.now())


def test_access_without_membership(org) -> None:
    make_member(org)
    row = grant_to_stranger(org, "valentina@example.org")
    grant(org, make_member(org).user)
    grant(org, make_member(org, state=MemberState.PENDING).user)
    look()
    (finding,) = found("no_membership", org)
    assert finding.row_ids == [row.pk]
    assert finding.evidence.startswith(f"valentina@example.org holds 1 access row in {org.name} without being a member")


def test_a_membership_elsewhere_is_none_here(org, other_org) -> None:
    grant(org, make_member(other_org).user)
    look()
    assert len(found("no_membership", org)) == 1


def test_access_to_every_dso_of_a_member_but_not_of_an_admin(org) -> None:
    dsos = [make_dso(org, f"DSO {n}") for n in range(3)]
    member, admin, some = make_member(org).user, make_member(org, "admin").user, make_member(org).user
    for dso in dsos:
        grant(org, member, dso)
        grant(org, admin, dso)
    grant(org, some, dsos[0])
    grant(org, some, dsos[1])
    grant(org, some, dsos[2], expires_at=timezone.now() - timedelta(days=1))
    look()
    (finding,) = found("every_dso", org)
    assert finding.user == member
    assert finding.evidence == f"{member.email} sees all 3 DSOs of {org.name}, and is neither admin nor owner."
    dsos[0].deleted_at = timezone.now()
    dsos[0].save()
    look()
    assert len(found("every_dso", org)[0].row_ids) == 2


def test_the_one_dso_of_an_organization_is_not_every_dso(org) -> None:
    grant(org, make_member(org).user)
    look()
    assert found("every_dso", org) == []


def test_a_shut_out_admin_is_no_admin(org) -> None:
    leaver = make_member(org, "admin", state=MemberState.INACTIVE).user
    for n in range(2):
        grant(org, leaver, make_dso(org, f"DSO {n}"))
    look()
    assert "inactive there" in found("every_dso", org)[0].evidence


def test_rows_granted_within_a_window_and_by_a_person(org, owner) -> None:
    member = make_member(org).user
    early, inside, late = (grant(org, member, days_ago=days, granted_by=owner) for days in (9, 5, 1))
    by_other = grant(org, member, days_ago=5, granted_by=member)
    now = timezone.now()
    window = Window(since=now - timedelta(days=6), until=now - timedelta(days=4))
    look("granted", window=window)
    assert {f.row_ids[0] for f in found("granted", org)} == {inside.pk, by_other.pk}
    AccessFinding.objects.all().delete()
    look("granted", window=Window(granted_by=f" {owner.email.upper()} "))
    assert {f.row_ids[0] for f in found("granted", org)} == {early.pk, inside.pk, late.pk}
    AccessFinding.objects.all().delete()
    look("granted", window=Window(window.since, window.until, owner.email))
    assert [f.row_ids for f in found("granted", org)] == [[inside.pk]]


def test_a_window_that_was_looked_for_stays_until_its_rows_are_gone(org) -> None:
    row = grant(org, make_member(org).user)
    look("granted", window=Window(since=timezone.now() - timedelta(days=1)))
    look()
    assert len(found("granted", org)) == 1
    row.delete()
    look()
    assert found("granted", org) == []


def test_without_a_window_nothing_was_granted_wrongly(org) -> None:
    with pytest.raises(Conflict, match="Say when"):
        look("granted")
    now = timezone.now()
    with pytest.raises(Conflict, match="ends before it begins"):
        look("granted", window=Window(now, now))


def test_of_duplicates_the_one_that_lasts_longest_stays(org) -> None:
    member, dso, now = make_member(org).user, make_dso(org), timezone.now()
    short, long = (grant(org, member, dso, expires_at=now + timedelta(days=days)) for days in (5, 9))
    endless = grant(org, member, dso)
    grant(org, make_member(org).user, dso)
    look()
    (finding,) = found("duplicate", org)
    assert (finding.row_ids, finding.kept_ids) == ([long.pk, short.pk], [endless.pk])
    assert "holds 3 access rows for Bright Smiles" in finding.evidence


def test_access_of_disabled_people_and_of_inactive_members(org) -> None:
    disabled, inactive = make_member(org).user, make_member(org, state=MemberState.INACTIVE).user
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    for user in (disabled, inactive, make_member(org).user):
        grant(org, user)
    look()
    told = {f.user_id: f.evidence for f in found("inactive_person", org)}
    assert set(told) == {disabled.pk, inactive.pk}
    assert "the account is disabled" in told[disabled.pk]
    assert "the membership is inactive" in told[inactive.pk]


def test_expired_access(org) -> None:
    member, now = make_member(org).user, timezone.now()
    over = grant(org, member, expires_at=now - timedelta(minutes=1))
    grant(org, member, expires_at=now + timedelta(minutes=1))
    grant(org, member)
    look()
    assert [f.row_ids for f in found("expired", org)] == [[over.pk]]


def test_members_who_never_signed_in(org, settings) -> None:
    settings.TENANTRY_NEVER_SIGNED_IN_DAYS = 30
    absent, present, fresh = (make_member(org) for _ in range(3))
    User.objects.filter(pk=present.user_id).update(last_login=timezone.now())
    OrgMember.objects.exclude(pk=fresh.pk).update(joined_at=timezone.now() - timedelta(days=31))
    row = grant(org, absent.user)
    look()
    (finding,) = found("never_signed_in", org)
    assert (finding.user, finding.member_id, finding.row_ids) == (absent.user, absent.pk, [row.pk])
    assert present.user_id != finding.user_id


def test_one_organization_is_looked_through_without_touching_the_other(org, other_org) -> None:
    for each in (org, other_org):
        grant_to_stranger(each)
    look(org_id=org.pk)
    assert (len(found("no_membership", org)), len(found("no_membership", other_org))) == (1, 0)
    look()
    AccessFinding.objects.filter(org=other_org).update(last_seen=timezone.now() - timedelta(days=1))
    look(org_id=org.pk)
    assert len(found("no_membership", other_org)) == 1


def test_a_detector_that_there_is_not_is_named_beside_those_that_there_are() -> None:
    with pytest.raises(UnknownDetector, match="no detector 'luck'; there are: no_membership"):
        choose_detectors(["luck"])


def test_every_detector_says_what_it_looks_for_and_what_cleaning_does() -> None:
    every_night = [detector.name for detector in choose_detectors(None)]
    assert set(every_night) == set(BY_NAME) - {"granted"}
    for detector in BY_NAME.values():
        assert detector.advice.startswith("Cleaning")
        assert "select" in detector.statement
    assert look_for_findings().found == dict.fromkeys(every_night, 0)


def test_people_with_odd_names_are_found_in_words(org) -> None:
    org.name = "100 % {odd} %s"
    org.save()
    person = make_person(email="o'hara+x@example.org")
    grant(org, person)
    look()
    assert "o'hara+x@example.org holds 1 access row in 100 % {odd} %s" in found("no_membership", org)[0].evidence
