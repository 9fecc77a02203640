"""What of the access review is closed to whom: other organizations, staff without permissions, forged forms."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import CleaningBatch, User
from accounts.review.cleaning import apply_cleaning, preview_cleaning
from tenants.models import OrgMember, UserDsoAccess
from tests.accounts.review.access import finding_ids, found, grant, grant_to_stranger, image, look
from tests.admin.conftest import sign_in
from tests.admin.reviewing import LISTED, LOOK, act, make_reader, preview, text
from tests.clients import WebClient
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


def test_forged_ids_of_another_organization_find_nothing(as_operator, other_org) -> None:
    grant_to_stranger(other_org)
    look()
    answer = act(as_operator, "clean", finding_ids())
    assert (answer.status_code, CleaningBatch.objects.count()) == (302, 0)
    assert "Look again" in text(as_operator.get(LISTED))
    act(as_operator, "accept", finding_ids(), accept=1, reason="x", until="2090-01-01")
    assert found("no_membership", other_org)[0].state == "open"


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_organizations_cleaning_is_not_there(as_operator, other_org, method) -> None:
    row = grant_to_stranger(other_org)
    look()
    batch_id = preview_cleaning(finding_ids())
    for state in ("preview", "applied"):
        for page in ("", "apply/", "undo/", "rows.csv", "rows.json"):
            address = f"/admin/accounts/cleaningbatch/batch/{batch_id}/{page}"
            answer = getattr(as_operator, method)(address, {"reason": "x", "read": "on"})
            missing = getattr(as_operator, method)(address.replace(str(batch_id), "0" * 8 + str(batch_id)[8:]))
            assert (answer.status_code, answer.content) == (404, missing.content), address
        assert (image(row) is None) == (state == "applied")
        if state == "preview":
            apply_cleaning(batch_id, reason="theirs", despite_warnings=True)


def test_who_may_only_look_at_findings_decides_and_removes_nothing(org, wrong) -> None:
    reader = make_reader(org, "view_accessfinding", "view_cleaningbatch")
    (finding,) = finding_ids()
    assert "Look now" not in text(reader.get(LISTED))
    page = text(reader.get(f"{LISTED}{finding}/change/"))
    assert "Preview the cleaning" not in page
    assert "Accept" not in page
    batch_id = preview_cleaning([finding])
    address = f"/admin/accounts/cleaningbatch/batch/{batch_id}/"
    assert "you need the permission" in text(reader.get(address))
    for sent in (reader.post(LOOK, {"everything": 1}), reader.get(LOOK)):
        assert sent.status_code == 403
    for page in ("apply/", "undo/"):
        assert reader.post(address + page, {"reason": "x", "read": "on"}).status_code == 403
    for action in ("clean", "accept", "reopen"):
        act(reader, action, [finding], accept=1, reason="x", until="2090-01-01")
    assert image(wrong) is not None
    assert (found("no_membership", org)[0].state, CleaningBatch.objects.count()) == ("open", 1)


def test_without_any_permission_there_is_no_review(org, wrong) -> None:
    nobody = make_reader(org)
    batch_id = preview_cleaning(finding_ids())
    for address in (LISTED, f"{LISTED}{finding_ids()[0]}/change/", LOOK, "/admin/accounts/cleaningbatch/"):
        assert nobody.get(address).status_code == 403
    for page in ("", "rows.csv", "rows.json"):
        assert nobody.get(f"/admin/accounts/cleaningbatch/batch/{batch_id}/{page}").status_code == 403


def test_to_end_memberships_takes_the_permission_to_delete_members(org) -> None:
    absent = make_member(org)
    OrgMember.objects.filter(pk=absent.pk).update(joined_at=timezone.now() - timedelta(days=400))
    look("never_signed_in")
    rights = ["view_accessfinding", "view_cleaningbatch", "delete_userdsoaccess"]
    address = preview(make_reader(org, *rights))
    assert make_reader(org, *rights).post(f"{address}apply/", {"reason": "x"}).status_code == 403
    able = make_reader(org, *rights, "delete_orgmember")
    assert able.post(f"{address}apply/", {"reason": "x"}).status_code == 302
    assert image(absent) is None


def test_removing_and_undoing_need_the_token_of_the_form(operator, wrong) -> None:
    address = preview(sign_in(operator))
    client = WebClient(enforce_csrf_checks=True)
    client.force_login(operator)
    for page in (f"{address}apply/", f"{address}undo/", LOOK, LISTED):
        assert client.post(page, {"reason": "x"}).status_code == 403
    assert image(wrong) is not None
