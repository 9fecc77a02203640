"""Undo brings a batch back to the byte, or says why not; the evidence of a batch is kept for good."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.lifecycle import delete_user
from accounts.models import CleaningBatch, CleaningState, User
from accounts.review.batches import count_outcomes, count_people
from accounts.review.cleaning import apply_cleaning, delete_old_previews, preview_cleaning
from accounts.review.evidence import as_csv, as_json
from accounts.review.undo import undo_cleaning
from tenants.errors import Conflict
from tenants.models import UserDsoAccess, Workspace, WorkspaceMember
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
from tests.factories import make_person, make_superuser, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody_has_signed_in(org, other_org) -> None:
    User.objects.update(last_login=timezone.now())


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


def test_old_previews_are_forgotten_and_cleanings_are_not(org) -> None:
    grant_to_stranger(org)
    abandoned, applied = preview("no_membership"), preview("no_membership")
    clean(applied)
    assert delete_old_previews(timezone.now() - timedelta(days=1)) == 0
    assert delete_old_previews(timezone.now() + timedelta(days=1)) == 1
    assert (parts(abandoned), len(parts(applied))) == ([], 1)
    assert count_outcomes(parts(applied)) == {"removed": 1}
    assert owner_of(org)
