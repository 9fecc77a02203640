"""The access review as staff work with it: find, preview, remove, undo; and what others may not."""

import csv
import io
import json
from datetime import timedelta
from html import escape

import pytest
from django.utils import timezone

from accounts.models import AccessFinding, CleaningBatch, User
from audit.models import AuditLog
from tenants.models import UserDsoAccess
from tests.accounts.review.access import finding_ids, found, grant, grant_to_stranger, image, look, outcomes
from tests.admin.conftest import make_operator, sign_in
from tests.admin.reviewing import LISTED, LOOK, act, preview, text
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody_has_signed_in(org, other_org) -> None:
    User.objects.update(last_login=timezone.now())


@pytest.fixture
def wrong(org) -> UserDsoAccess:
    """A stranger's row among right ones."""
    for _ in range(6):
        grant(org, make_member(org).user)
    row = grant_to_stranger(org, "valentina@example.org")
    look("no_membership")
    return row


def test_the_whole_cleaning(as_operator, operator, org, wrong) -> None:
    before = image(wrong)
    page = text(as_operator.get(LISTED))
    assert "without being a member" in page
    address = preview(as_operator)
    page = text(as_operator.get(address))
    assert "Nothing has been removed yet" in page
    assert "valentina@example.org" in page
    assert image(wrong) == before
    assert as_operator.post(f"{address}apply/", {"reason": "invite bug"}).status_code == 302
    assert image(wrong) is None
    page = text(as_operator.get(address))
    assert "1 removed" in page
    assert "invite bug" in page
    assert operator.email in page
    as_operator.post(f"{address}undo/")
    assert image(wrong) == before
    assert "1 restored" in text(as_operator.get(address))
    batch = CleaningBatch.objects.get(org=org)
    assert set(AuditLog.objects.filter(batch_id=batch.batch_id).values_list("user_id", flat=True)) == {operator.pk}


def test_without_a_reason_the_page_asks_again_and_nothing_goes(as_operator, wrong) -> None:
    address = preview(as_operator)
    assert "This field is required." in text(as_operator.post(f"{address}apply/", {"reason": " "}))
    assert image(wrong) is not None


def test_a_warning_has_to_be_confirmed(as_operator, org) -> None:
    row = grant_to_stranger(org)
    look()
    address = preview(as_operator)
    assert "1 of the 1 access rows" in text(as_operator.get(address))
    assert "This field is required." in text(as_operator.post(f"{address}apply/", {"reason": "bug"}))
    assert image(row) is not None
    as_operator.post(f"{address}apply/", {"reason": "bug", "read": "on"})
    assert image(row) is None


def test_what_changed_since_the_preview_is_named_on_the_result(as_operator, wrong) -> None:
    address = preview(as_operator)
    UserDsoAccess.objects.filter(pk=wrong.pk).update(expires_at=timezone.now() + timedelta(days=1))
    as_operator.post(f"{address}apply/", {"reason": "bug"})
    page = text(as_operator.get(address))
    assert "skipped: changed since the preview" in page
    assert image(wrong) is not None


def test_a_second_click_on_remove_or_undo_is_answered_in_words(as_operator, wrong) -> None:
    address = preview(as_operator)
    as_operator.post(f"{address}apply/", {"reason": "bug"})
    again = as_operator.post(f"{address}apply/", {"reason": "bug"}, follow=True)
    assert "This cleaning was applied already" in text(again)
    as_operator.post(f"{address}undo/")
    assert "undone already" in text(as_operator.post(f"{address}undo/", follow=True))
    assert image(wrong) is not None


def test_all_of_a_filter_is_more_than_the_page(as_operator, monkeypatch, org, wrong) -> None:
    monkeypatch.setattr("accounts.admin.findings.AccessFindingAdmin.list_per_page", 2)
    rows = [grant_to_stranger(org, f"stranger{n}@example.org") for n in range(5)]
    kept = grant(org, make_member(org).user, expires_at=timezone.now())
    look()
    first = finding_ids(detector="no_membership")[:1]
    answer = act(as_operator, "clean", first, across=True, query="?detector=no_membership")
    planned = outcomes(CleaningBatch.objects.get(org=org).batch_id)
    assert set(planned) == {wrong.pk, *(row.pk for row in rows)}
    assert kept.pk not in planned
    assert "6 planned" not in text(as_operator.get(answer["Location"]))


def test_a_filter_across_stays_in_the_organization(as_operator, other_org, wrong) -> None:
    theirs = grant_to_stranger(other_org)
    look()
    answer = act(as_operator, "clean", finding_ids(), across=True)
    assert set(outcomes(answer["Location"].split("/")[-2])) == {wrong.pk}
    assert image(theirs) is not None


def test_a_get_of_a_deed_leads_back_to_its_page(as_operator, wrong) -> None:
    address = preview(as_operator)
    for page in ("apply/", "undo/"):
        assert as_operator.get(address + page)["Location"] == address
    assert image(wrong) is not None


def test_a_superuser_in_all_cleans_both_organizations_in_one_batch(in_all, org, other_org, wrong) -> None:
    theirs = grant_to_stranger(other_org)
    look()
    address = preview(in_all)
    page = text(in_all.get(address))
    assert escape(org.name) in page
    assert escape(other_org.name) in page
    in_all.post(f"{address}apply/", {"reason": "both", "read": "on"})
    assert (image(wrong), image(theirs)) == (None, None)
    operator = sign_in(make_operator(other_org))
    page = text(operator.get(address))
    assert "valentina@example.org" not in page
    assert escape(org.name) not in page
    operator.post(f"{address}undo/")
    assert (image(wrong) is None, image(theirs) is None) == (True, False)


def test_accepting_asks_why_and_until_when(as_operator, operator, org, wrong) -> None:
    page = text(act(as_operator, "accept", finding_ids()))
    assert "Accept 1 finding?" in page
    assert "This field is required." in text(act(as_operator, "accept", finding_ids(), accept=1))
    sent = {"accept": 1, "reason": "our auditor", "until": f"{timezone.now() + timedelta(days=9):%Y-%m-%d}"}
    assert act(as_operator, "accept", finding_ids(), **sent).status_code == 302
    (finding,) = found("no_membership", org, "accepted")
    page = text(as_operator.get(f"{LISTED}{finding.pk}/change/"))
    assert "our auditor" in page
    assert operator.email in page
    assert "accepted a finding" in text(as_operator.get(f"{LISTED}{finding.pk}/history/"))
    act(as_operator, "reopen", [finding.pk], query="?state=accepted")
    assert len(found("no_membership", org)) == 1


def test_looking_now_and_looking_for_a_window(as_operator, org, owner) -> None:
    inside = grant(org, make_member(org).user, days_ago=3, granted_by=owner)
    stranger = grant_to_stranger(org)
    assert as_operator.post(LOOK, {"everything": 1}).status_code == 302
    assert [f.row_ids for f in found("no_membership", org)] == [[stranger.pk]]
    assert "Name a time or a person" in text(as_operator.post(LOOK, {"since": ""}))
    window = {"since": f"{timezone.now() - timedelta(days=4):%Y-%m-%dT%H:%M}", "granted_by": owner.email}
    assert as_operator.post(LOOK, window)["Location"] == f"{LISTED}?detector=granted"
    assert [f.row_ids for f in found("granted", org)] == [[inside.pk]]
    backwards = {"since": "2026-02-02T00:00", "until": "2026-02-01T00:00"}
    assert "ends before it begins" in text(as_operator.post(LOOK, backwards))


@pytest.mark.parametrize("odd", ["\0", "x" * 300, "2026-99-99T99:99"])
def test_odd_windows_are_errors_of_the_form(as_operator, odd) -> None:
    for field in ("since", "until", "granted_by"):
        assert as_operator.post(LOOK, {field: odd}).status_code in (200, 302)


def test_findings_are_found_by_person_organization_and_state(in_all, org, other_org, wrong) -> None:
    grant_to_stranger(other_org, "somebody@example.org")
    look()
    AccessFinding.objects.filter(org=other_org).update(state="closed")

    def shown(**query) -> tuple[bool, bool]:
        page = text(in_all.get(LISTED, query))
        return "valentina@example.org</a>" in page, "somebody@example.org</a>" in page

    assert shown() == (True, False)
    assert shown(state="closed") == (False, True)
    assert shown(state="any") == (True, True)
    assert shown(state="any", q="some") == (False, True)
    assert shown(state="any", **{"in": org.pk}) == (True, False)
    assert shown(state="any", person=wrong.user_id) == (True, False)
    assert shown(detector="expired") == (False, False)


def test_the_evidence_is_downloaded_without_formulas(as_operator, org) -> None:
    grant_to_stranger(org, "=cmd@example.org")
    look()
    address = preview(as_operator)
    answer = as_operator.get(f"{address}rows.csv")
    assert answer["Content-Disposition"].endswith('.csv"')
    (line,) = csv.DictReader(io.StringIO(answer.content.decode()))
    assert line["person"] == "'=cmd@example.org"
    assert json.loads(as_operator.get(f"{address}rows.json").content)["outcomes"] == {"planned": 1}
    assert as_operator.get(f"{address}rows.exe").status_code == 404


def test_a_page_of_findings_takes_the_same_queries_however_many_there_are(
    as_operator, org, django_assert_max_num_queries
) -> None:
    for n in range(30):
        grant_to_stranger(org, f"stranger{n}@example.org")
    look()
    with django_assert_max_num_queries(40):
        answer = as_operator.get(LISTED)
    assert answer.context["cl"].result_count == 30


def test_where_nothing_is_wrong_the_page_says_so(as_operator) -> None:
    assert "No findings yet" in text(as_operator.get(LISTED))
