"""A cleaning removes what its preview showed and still is so, in one batch, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import CleaningBatch, CleaningRow, CleaningState, User
from accounts.review.batches import count_people
from accounts.review.cleaning import apply_cleaning, preview_cleaning
from accounts.review.findings import accept_findings
from accounts.review.looking import Window
from accounts.review.undo import undo_cleaning
from audit.models import AuditLog
from tenants.errors import Conflict, NotFound
from tenants.models import OrgMember, UserDsoAccess, Workspace, WorkspaceMember
from tenants.scope import staff_scope
from tests.accounts.review.access import (
    clean,
    finding_ids,
    found,
    grant,
    grant_to_stranger,
    image,
    look,
    make_absent,
    make_dso,
    outcomes,
    parts,
    preview,
)
from tests.admin.conftest import make_operator
from tests.factories import make_member, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody_has_signed_in(org, other_org) -> None:
    User.objects.update(last_login=timezone.now())


def test_a_preview_removes_nothing_and_says_what_goes_and_what_stays(org) -> None:
    person = make_member(org).user
    over = grant(org, person, expires_at=timezone.now())
    grant(org, person, make_dso(org, "South"))
    batch_id = preview("expired")
    assert UserDsoAccess.objects.count() == 2
    assert outcomes(batch_id) == {over.pk: "planned"}
    (count,) = count_people(parts(batch_id))
    assert (count.email, count.access_rows, count.stays, count.membership_ends) == (person.email, 1, 1, False)


def test_a_row_that_two_detectors_found_goes_once_with_both_reasons(org) -> None:
    grant_to_stranger(org, expires_at=timezone.now())
    batch_id = preview()
    row = CleaningRow.objects.get(batch__in=parts(batch_id))
    assert "whose time is over" in row.evidence
    assert "without being a member" in row.evidence
    assert len(row.finding_ids) == 2


def test_cleaning_closes_the_finding_and_is_one_batch_in_the_log(org) -> None:
    operator = make_operator(org)
    row = grant_to_stranger(org)
    look()
    with staff_scope(operator.pk, org.pk, request_id="r1"):
        batch_id = preview_cleaning(finding_ids(), actor=operator)
        apply_cleaning(batch_id, reason="bug 7", actor=operator, despite_warnings=True)
        undo_cleaning(batch_id, actor=operator)
    entries = AuditLog.objects.filter(batch_id=batch_id).order_by("created_at", "id")
    told = [(e.table_name, e.action, e.reason, e.user_id, e.surface, e.request_id) for e in entries]
    who = (operator.pk, "console", "r1")
    assert told == [
        ("user_dso_access", "DELETE", "bug 7", *who),
        ("cleaning_batches", "UPDATE", "bug 7", *who),
        ("user_dso_access", "INSERT", "undo: bug 7", *who),
        ("cleaning_batches", "UPDATE", "undo: bug 7", *who),
    ]
    assert entries[0].old_data == entries[2].new_data
    assert entries[0].record_id == str(row.pk)


def test_rows_that_changed_since_the_preview_are_skipped_and_reported(org) -> None:
    changed, gone, same = (grant_to_stranger(org, f"p{n}@example.org") for n in range(3))
    batch_id = preview("no_membership")
    UserDsoAccess.objects.filter(pk=changed.pk).update(expires_at=timezone.now())
    UserDsoAccess.objects.filter(pk=gone.pk).delete()
    clean(batch_id)
    assert outcomes(batch_id) == {changed.pk: "changed", gone.pk: "gone", same.pk: "removed"}
    assert list(UserDsoAccess.objects.all()) == [changed]
    assert [f.email_lower for f in found("no_membership", org)] == ["p0@example.org"]


def test_two_previews_of_the_same_rows_remove_them_once(org) -> None:
    row = grant_to_stranger(org)
    first, second = preview("no_membership"), preview("no_membership")
    clean(first)
    clean(second)
    assert (outcomes(first), outcomes(second)) == ({row.pk: "removed"}, {row.pk: "gone"})
    undo_cleaning(second)
    assert image(row) is None
    undo_cleaning(first)
    assert image(row) is not None


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_without_a_reason_nothing_goes(org, reason) -> None:
    grant_to_stranger(org)
    batch_id = preview("no_membership")
    with pytest.raises(Conflict, match="Say why"):
        apply_cleaning(batch_id, reason=reason, despite_warnings=True)
    assert UserDsoAccess.objects.count() == 1


def test_more_than_a_fifth_of_an_organizations_rows_wants_a_second_look(org) -> None:
    for n in range(4):
        grant(org, make_member(org).user, make_dso(org, f"DSO {n}"))
    wrong = grant_to_stranger(org)
    apply_cleaning(preview("no_membership"), reason="a fifth")
    assert image(wrong) is None
    for _ in range(2):
        grant_to_stranger(org)
    batch_id = preview("no_membership")
    assert CleaningBatch.objects.get(batch_id=batch_id).is_large
    with pytest.raises(Conflict, match="warns"):
        apply_cleaning(batch_id, reason="too many")
    clean(batch_id)


def test_a_place_taken_since_the_preview_keeps_the_membership(org) -> None:
    member = make_absent(org)
    batch_id = preview("never_signed_in")
    WorkspaceMember.objects.create(org=org, workspace=Workspace.objects.filter(org=org)[0], user=member.user)
    clean(batch_id)
    assert outcomes(batch_id) == {member.pk: "changed"}
    assert image(member) is not None


def test_the_last_owner_stays_with_a_warning(org, owner) -> None:
    second = make_absent(org, "owner")
    User.objects.filter(pk=owner.pk).update(last_login=None)
    OrgMember.objects.filter(org=org).update(joined_at=timezone.now() - timedelta(days=400))
    row = grant(org, second.user)
    batch_id = preview("never_signed_in")
    assert set(outcomes(batch_id).values()) == {"kept"}
    OrgMember.objects.filter(org=org, user=owner).update(role="admin")
    batch_id = preview("never_signed_in")
    assert CleaningBatch.objects.get(batch_id=batch_id).last_owners == [second.user.email]
    clean(batch_id)
    assert image(second) is not None
    assert image(row) is not None
    assert not OrgMember.objects.filter(org=org, user=owner).exists()


def test_an_owner_who_became_the_last_since_the_preview_is_refused_by_the_database(org, owner) -> None:
    absent = make_absent(org, "owner")
    batch_id = preview("never_signed_in")
    OrgMember.objects.filter(org=org, user=owner).delete()
    with pytest.raises(Conflict, match="keeps at least one active owner"):
        clean(batch_id)
    assert image(absent) is not None
    assert CleaningBatch.objects.get(batch_id=batch_id).state == CleaningState.PREVIEW


def test_a_window_narrows_to_the_rows_granted_in_it(org, owner) -> None:
    person, now = make_person(), timezone.now()
    early, inside = grant(org, person, days_ago=9), grant(org, person, days_ago=2, granted_by=owner)
    look("no_membership")
    window = Window(since=now - timedelta(days=3), granted_by=owner.email)
    batch_id = preview_cleaning(finding_ids(), window=window)
    clean(batch_id)
    assert (image(early) is None, image(inside) is None) == (False, True)
    assert len(found("no_membership", org)) == 1


def test_accepted_findings_are_not_cleaned(org) -> None:
    grant_to_stranger(org)
    look()
    accept_findings(finding_ids(), reason="auditor", until=timezone.now() + timedelta(days=1))
    for ids in (finding_ids(), []):
        with pytest.raises(Conflict, match="Look again"):
            preview_cleaning(ids)


def test_findings_of_another_organization_are_not_there_to_be_cleaned(org, other_org) -> None:
    operator = make_operator(org)
    grant_to_stranger(other_org)
    look()
    theirs = finding_ids()
    with staff_scope(operator.pk, org.pk), pytest.raises(Conflict, match="Look again"):
        preview_cleaning(theirs, actor=operator)
    batch_id = preview_cleaning(theirs)
    with staff_scope(operator.pk, org.pk):
        for act in (lambda: apply_cleaning(batch_id, reason="x", actor=operator), lambda: undo_cleaning(batch_id)):
            with pytest.raises(NotFound):
                act()
