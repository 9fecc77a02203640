"""A cleaning removes what its preview showed and still is so, in one batch; undo brings it back to the byte."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.lifecycle import delete_user
from accounts.models import CleaningBatch, CleaningRow, CleaningState, User
from accounts.review.batches import count_outcomes, count_people
from accounts.review.cleaning import apply_cleaning, delete_old_previews, preview_cleaning
from accounts.review.evidence import as_csv, as_json, defuse
from accounts.review.findings import accept_findings
from accounts.review.looking import Window
from accounts.review.undo import undo_cleaning
from audit.models import AuditLog
from tenants.errors import Conflict, NotFound
from tenants.models import OrgMember, UserDsoAccess, Workspace, WorkspaceMember
from tenants.scope import staff_scope
from tests.accounts.review.access import (
    finding_ids,
    found,
    grant,
    grant_to_stranger,
    image,
    look,
    make_dso,
    outcomes,
    parts,
)
from tests.admin.conftest import make_operator
from tests.factories import make_member, make_person, make_superuser, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody_has_signed_in(org, other_org) -> None:
    User.objects.update(last_login=timezone.now())


def preview(*detectors, **more):
    look(*detectors, **more)
    return preview_cleaning(finding_ids(state="open"), **({"window": more["window"]} if "window" in more else {}))


def clean(batch_id) -> None:
    apply_cleaning(batch_id, reason="bug 7", despite_warnings=True)


def make_absent(org, role="member") -> OrgMember:
    """A member who never signed in."""
    member = make_member(org, role)
    OrgMember.objects.filter(pk=member.pk).update(joined_at=timezone.now() - timedelta(days=400))
    return OrgMember.objects.get(pk=member.pk)


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


def test_undo_restores_to_the_byte(org, owner) -> None:
    row = grant_to_stranger(org, granted_by=owner, expires_at=timezone.now() + timedelta(days=3), days_ago=3)
    UserDsoAccess.objects.filter(pk=row.pk).update(expires_at=timezone.now() + timedelta(days=9))
    before = image(row)
    batch_id = preview("no_membership")
    clean(batch_id)
    assert image(row) is None
    assert found("no_membership", org) == []
    undo_cleaning(batch_id)
    assert image(row) == before
    assert outcomes(batch_id) == {row.pk: "restored"}
    assert len(found("no_membership", org)) == 1


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


def test_a_batch_is_applied_once_and_undone_once(org) -> None:
    grant_to_stranger(org)
    batch_id = preview("no_membership")
    with pytest.raises(Conflict, match="nothing was removed yet"):
        undo_cleaning(batch_id)
    clean(batch_id)
    with pytest.raises(Conflict, match="applied already"):
        clean(batch_id)
    undo_cleaning(batch_id)
    with pytest.raises(Conflict, match="undone already"):
        undo_cleaning(batch_id)


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


def test_rows_whose_person_or_dso_is_gone_are_not_restored_and_say_so(org, owner) -> None:
    orphan, homeless, ungranted, fine = (grant_to_stranger(org, f"p{n}@example.org") for n in range(4))
    dso, granter = make_dso(org, "Gone"), make_person()
    UserDsoAccess.objects.filter(pk=homeless.pk).update(dso=dso)
    UserDsoAccess.objects.filter(pk=ungranted.pk).update(granted_by=granter)
    batch_id = preview("no_membership")
    clean(batch_id)
    for gone in (orphan.user, granter):
        delete_user(gone, actor=gone)
    dso.delete()
    undo_cleaning(batch_id)
    assert outcomes(batch_id) == {
        orphan.pk: "person_gone",
        homeless.pk: "dso_gone",
        ungranted.pk: "granter_gone",
        fine.pk: "restored",
    }
    assert {r.pk: r.granted_by_id for r in UserDsoAccess.objects.all()} == {ungranted.pk: None, fine.pk: None}


def test_a_row_that_is_there_again_is_left_alone(org) -> None:
    row = grant_to_stranger(org)
    batch_id = preview("no_membership")
    clean(batch_id)
    UserDsoAccess.objects.create(id=row.pk, org=org, user=row.user, dso=row.dso, expires_at=timezone.now())
    undo_cleaning(batch_id)
    assert outcomes(batch_id) == {row.pk: "there_again"}
    assert image(row)["expires_at"] is not None


def test_a_membership_ends_with_its_places_and_rows_and_all_come_back(org) -> None:
    member = make_absent(org)
    place = WorkspaceMember.objects.create(org=org, workspace=Workspace.objects.filter(org=org)[0], user=member.user)
    row = grant(org, member.user)
    before = [image(each) for each in (member, place, row)]
    batch_id = preview("never_signed_in")
    assert [c.membership_ends for c in count_people(parts(batch_id))] == [True]
    clean(batch_id)
    assert [image(each) for each in (member, place, row)] == [None] * 3
    undo_cleaning(batch_id)
    assert [image(each) for each in (member, place, row)] == before


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


def test_staff_of_one_organization_reach_their_part_only(org, other_org) -> None:
    root, operator = make_superuser(), make_operator(org)
    ours, theirs = grant_to_stranger(org), grant_to_stranger(other_org)
    look()
    with staff_scope(root.pk, all_orgs=True):
        batch_id = preview_cleaning(finding_ids(), actor=root)
        apply_cleaning(batch_id, reason="both", actor=root, despite_warnings=True)
    with staff_scope(operator.pk, org.pk):
        undo_cleaning(batch_id, actor=operator)
        assert [p.org_id for p in parts(batch_id)] == [org.pk]
    assert (image(ours) is None, image(theirs) is None) == (False, True)
    stranger = make_operator(other_org)
    with staff_scope(stranger.pk, other_org.pk):
        assert CleaningBatch.objects.get(batch_id=batch_id).state == CleaningState.APPLIED
        elsewhere = list(CleaningBatch.objects.filter(org=org))
        assert elsewhere == []


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


def test_the_evidence_is_whole_and_no_formula(org) -> None:
    grant_to_stranger(org, "=1+1@example.org", dso=make_dso(org, '=HYPERLINK("http://x")'))
    batch_id = preview("no_membership")
    clean(batch_id)
    (line,) = csv.DictReader(io.StringIO(as_csv(parts(batch_id))))
    assert (line["person"], line["what"]) == ("'=1+1@example.org", '\'=HYPERLINK("http://x")')
    assert (line["outcome"], line["granted_at"] != "") == ("removed", True)
    told = json.loads(as_json(parts(batch_id)))
    assert told["rows"][0]["data"]["org_id"] == str(org.pk)
    assert (told["organizations"][0]["reason"], told["outcomes"]) == ("bug 7", {"removed": 1})


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(cell) -> None:
    assert defuse(cell) == f"'{cell}"


def test_old_previews_are_forgotten_and_cleanings_are_not(org) -> None:
    grant_to_stranger(org)
    abandoned, applied = preview("no_membership"), preview("no_membership")
    clean(applied)
    assert delete_old_previews(timezone.now() - timedelta(days=1)) == 0
    assert delete_old_previews(timezone.now() + timedelta(days=1)) == 1
    assert (parts(abandoned), len(parts(applied))) == ([], 1)
    assert count_outcomes(parts(applied)) == {"removed": 1}
    assert owner_of(org)
