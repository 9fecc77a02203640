"""Access rows as the review's tests need them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import AccessFinding, CleaningBatch, CleaningRow
from accounts.review.cleaning import apply_cleaning, preview_cleaning
from accounts.review.looking import look_for_findings
from tenants.models import Dso, OrgMember, UserDsoAccess
from tests.factories import make_member, make_person


def make_dso(org, name="Bright Smiles") -> Dso:
    return Dso.objects.create(org=org, name=name)


def grant(org, user, dso=None, *, days_ago=0, **fields) -> UserDsoAccess:
    """An access row; the person need not be a member."""
    dso = dso or Dso.objects.filter(org=org).first() or make_dso(org)
    when = timezone.now() - timedelta(days=days_ago)
    return UserDsoAccess.objects.create(**{"org": org, "user": user, "dso": dso, "granted_at": when, **fields})


def grant_to_stranger(org, email=None, **fields) -> UserDsoAccess:
    """The commonest wrong row: somebody who is no member."""
    return grant(org, make_person(**({"email": email} if email else {})), **fields)


def found(detector, org, state="open") -> list[AccessFinding]:
    return list(AccessFinding.objects.filter(detector=detector, org=org, state=state).order_by("email_lower", "id"))


def look(*names, **more) -> None:
    look_for_findings(names=list(names) or None, **more)


def finding_ids(**filters) -> list:
    return list(AccessFinding.objects.filter(**filters).values_list("pk", flat=True))


def outcomes(batch_id) -> dict:
    """What became of each row of a batch."""
    rows = CleaningRow.objects.filter(batch__in=parts(batch_id))
    return {row.row_id: row.outcome for row in rows}


def parts(batch_id) -> list[CleaningBatch]:
    return list(CleaningBatch.objects.filter(batch_id=batch_id))


def image(row) -> Any:
    """Every column as text, as the database has it."""
    return type(row).objects.filter(org_id=row.org_id, pk=row.pk).values().first()


def preview(*detectors, **more) -> UUID:
    """Look, then preview the cleaning of all that is open."""
    look(*detectors, **more)
    return preview_cleaning(finding_ids(state="open"), **({"window": more["window"]} if "window" in more else {}))


def clean(batch_id) -> None:
    apply_cleaning(batch_id, reason="bug 7", despite_warnings=True)


def make_absent(org, role="member") -> OrgMember:
    """A member who never signed in."""
    member = make_member(org, role)
    OrgMember.objects.filter(pk=member.pk).update(joined_at=timezone.now() - timedelta(days=400))
    return OrgMember.objects.get(pk=member.pk)
