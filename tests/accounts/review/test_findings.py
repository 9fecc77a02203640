"""Findings are the same ones each time, close when they are no longer so, and stay away while they are accepted."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AccessFinding
from accounts.review.findings import accept_findings, count_by_detector, count_open_findings, reopen_findings
from accounts.review.looking import look_for_findings
from audit.models import AuditLog
from tenants.errors import Conflict, NotAllowed
from tenants.scope import api_scope, staff_scope
from tests.accounts.review.access import finding_ids, found, grant, grant_to_stranger, look
from tests.admin.conftest import make_operator
from tests.factories import make_member, make_superuser

pytestmark = pytest.mark.django_db
TOMORROW = timedelta(days=1)


def accept(org, **more) -> None:
    accept_findings(finding_ids(org=org), **{"reason": "auditor", "until": timezone.now() + TOMORROW, **more})


def move_acceptance(**ago) -> None:
    AccessFinding.objects.update(accepted_until=timezone.now() - timedelta(**ago))


def test_what_is_found_again_is_the_same_finding(org) -> None:
    grant_to_stranger(org)
    look()
    (first,) = found("no_membership", org)
    look()
    (again,) = found("no_membership", org)
    assert (again.pk, again.first_seen) == (first.pk, first.first_seen)
    assert again.last_seen > first.last_seen


def test_a_finding_closes_with_its_evidence_and_opens_with_it(org) -> None:
    row = grant_to_stranger(org)
    look()
    member = make_member(org, user=row.user)
    look()
    (closed,) = found("no_membership", org, "closed")
    assert closed.closed_at is not None
    member.delete()
    look()
    assert found("no_membership", org)[0].pk == closed.pk


def test_an_accepted_finding_does_not_come_back_until_its_day(org) -> None:
    grant_to_stranger(org)
    look()
    accept(org)
    look()
    assert (len(found("no_membership", org)), len(found("no_membership", org, "accepted"))) == (0, 1)
    move_acceptance(seconds=1)
    look()
    assert len(found("no_membership", org)) == 1


def test_a_row_more_than_was_accepted_brings_it_back(org) -> None:
    row = grant_to_stranger(org)
    look()
    accept(org)
    grant(org, row.user)
    look()
    assert len(found("no_membership", org)[0].row_ids) == 2


def test_a_row_less_than_was_accepted_does_not(org) -> None:
    row = grant_to_stranger(org)
    grant(org, row.user)
    look()
    accept(org)
    row.delete()
    look()
    assert len(found("no_membership", org, "accepted")) == 1


def test_what_was_accepted_vanished_and_returned_is_still_accepted(org) -> None:
    row = grant_to_stranger(org)
    look()
    accept(org)
    member = make_member(org, user=row.user)
    look()
    member.delete()
    look()
    assert len(found("no_membership", org, "accepted")) == 1


def test_an_acceptance_is_taken_back(org) -> None:
    grant_to_stranger(org)
    look()
    accept(org)
    assert reopen_findings(finding_ids(org=org)) == 1
    look()
    assert len(found("no_membership", org)) == 1


@pytest.mark.parametrize("more", [{"reason": "  "}, {"until": timezone.now() - TOMORROW}])
def test_who_accepts_says_why_and_until_when(org, more) -> None:
    grant_to_stranger(org)
    look()
    with pytest.raises(Conflict):
        accept(org, **more)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessFinding.objects.update(state="accepted")


def test_decisions_and_looks_are_in_the_log_of_their_organization(org, other_org) -> None:
    operator = make_operator(org)
    for each in (org, other_org):
        grant_to_stranger(each)
    look()
    with staff_scope(operator.pk, org.pk):
        look_for_findings(actor=operator)
        accept_findings(finding_ids(), reason="our auditor", until=timezone.now() + TOMORROW, actor=operator)
        reopen_findings(finding_ids(), actor=operator)
    entries = AuditLog.objects.filter(org_id=org.pk, user_id=operator.pk, table_name="access_findings")
    told = {e.action: e for e in entries}
    assert set(told) == {"access_review.look", "finding.accept", "finding.reopen"}
    accepted = told["finding.accept"]
    assert accepted.record_id == str(AccessFinding.objects.get(org=org).pk)
    assert (accepted.new_data or {})["reason"] == "our auditor"
    assert found("no_membership", other_org)[0].state == "open"


def test_staff_look_through_their_organization_and_find_strangers_they_cannot_see(org, other_org) -> None:
    operator = make_operator(org)
    row = grant_to_stranger(org)
    grant_to_stranger(other_org)
    with staff_scope(operator.pk, org.pk):
        look_for_findings(actor=operator, org_id=other_org.pk)
        assert count_open_findings() == 1
        assert count_by_detector(["no_membership", "expired"], 10) == {"no_membership": 1, "expired": 0}
    assert found("no_membership", org)[0].email_lower == row.user.email
    assert found("no_membership", other_org) == []


def test_a_superuser_in_all_looks_everywhere(org, other_org) -> None:
    root = make_superuser()
    for each in (org, other_org):
        grant_to_stranger(each)
    with staff_scope(root.pk, all_orgs=True):
        look_for_findings(actor=root)
        assert count_open_findings() == 2
        assert count_open_findings(limit=1) == 1


def test_clients_neither_look_nor_see(org, owner) -> None:
    grant_to_stranger(org)
    look()
    with api_scope(owner.pk, org.pk), pytest.raises(NotAllowed):
        look_for_findings(actor=owner)
    with api_scope(owner.pk, org.pk), pytest.raises(NotAllowed):
        count_open_findings()
