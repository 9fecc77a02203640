"""The rows behind a finding, as its page shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import AccessFinding
from tenants.admin.references import name_people
from tenants.models import Dso, OrgMember, UserDsoAccess

# A person with more is shown the first; the preview counts them all.
SHOWN = 200


@dataclass(frozen=True)
class ShownRow:
    """One access row or membership."""

    what: str
    granted_at: datetime | None
    granted_by: str
    expires_at: datetime | None
    goes: bool
    link: str


def rows_behind(finding: AccessFinding) -> list[ShownRow]:
    """The membership first, then access rows, oldest first."""
    members = OrgMember.objects.filter(org_id=finding.org_id)
    member = members.filter(pk=finding.member_id).first() if finding.member_id else None
    rows = UserDsoAccess.objects.filter(org_id=finding.org_id, pk__in=[*finding.row_ids, *finding.kept_ids])
    access = list(rows.order_by("granted_at", "pk")[:SHOWN])
    # Asked for by themselves: a softly deleted DSO is still there, and a granter may be nobody whom staff can see.
    dsos = dict(Dso.objects.filter(org_id=finding.org_id, pk__in=[a.dso_id for a in access]).values_list("pk", "name"))
    people = name_people([f"user:{a.granted_by_id}" for a in access if a.granted_by_id])
    shown = [_show_access(row, finding, dsos, people) for row in access]
    return ([_show_member(member)] if member else []) + shown


def _show_member(member: OrgMember) -> ShownRow:
    link = reverse("admin:tenants_orgmember_change", args=[member.pk])
    return ShownRow(f"Membership, as {member.role}", member.joined_at, "", None, True, link)


def _show_access(row: UserDsoAccess, finding: AccessFinding, dsos: Any, people: dict[str, str]) -> ShownRow:
    granter = people.get(f"user:{row.granted_by_id}", "somebody outside") if row.granted_by_id else "nobody known"
    link = reverse("admin:tenants_userdsoaccess_change", args=[row.pk])
    goes = row.pk in finding.row_ids
    return ShownRow(dsos.get(row.dso_id, "a DSO"), row.granted_at, granter, row.expires_at, goes, link)
