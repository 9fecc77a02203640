"""Deciding many quarantined rows at once: by one organization, by a rule over what each row could be, or back."""

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tenants.models import Organization, OrgStatus, QuarantinedRow

Choose = Callable[[list[Organization]], Organization | None]


def choose_only_active(candidates: list[Organization]) -> Organization | None:
    """The one candidate that is neither suspended nor being deleted."""
    active = [org for org in candidates if org.status == OrgStatus.ACTIVE]
    return active[0] if len(active) == 1 else None


def choose_first_founded(candidates: list[Organization]) -> Organization | None:
    """The candidate that has been here longest."""
    return min(candidates, key=lambda org: (org.created_at, org.pk), default=None)


RULES: dict[str, Choose] = {"only_active": choose_only_active, "first_founded": choose_first_founded}


def decide_by_hand(rows: QuerySet[QuarantinedRow], org: Organization, *, actor: str) -> tuple[int, int]:
    """One organization for all that could be its, and for those that could be nobody's; how many, and how many not.

    A row of somebody else's customers that comes along in a selection of thousands stays as it is.
    """
    with transaction.atomic():
        ids = list(_waiting(rows).select_for_update(of=("self",)).values_list("pk", flat=True))
        decided = _record(could_belong_to(_by_ids(ids), org), org, actor)
    return decided, len(ids) - decided


def could_belong_to(rows: QuerySet[QuarantinedRow], org: Organization) -> QuerySet[QuarantinedRow]:
    """The organization is among what each row could be, or nothing is."""
    return rows.filter(Q(candidates__contains=[org.pk]) | Q(candidates__len=0))


def decide_by_rule(rows: QuerySet[QuarantinedRow], rule: str, *, actor: str) -> tuple[int, int]:
    """Each row by its candidates; return how many were decided, and how many the rule says nothing about."""
    with transaction.atomic():
        open_rows = list(_waiting(rows).select_for_update(of=("self",)).values_list("pk", "candidates"))
        orgs = Organization.objects.in_bulk({org for _, candidates in open_rows for org in candidates})
        groups: dict[UUID, list[UUID]] = {}
        for pk, candidates in open_rows:
            chosen = RULES[rule]([orgs[org] for org in candidates if org in orgs])
            if chosen:
                groups.setdefault(chosen.pk, []).append(pk)
        decided = sum(_record(_by_ids(ids), orgs[org], actor) for org, ids in groups.items())
    return decided, len(open_rows) - decided


def take_decisions_back(rows: QuerySet[QuarantinedRow]) -> int:
    """As if nobody had decided; what is written already stays."""
    with transaction.atomic():
        return _waiting(rows).exclude(decided_org=None).update(decided_org=None, decided_by="", decided_at=None)


def _record(rows: QuerySet[QuarantinedRow], org: Organization, actor: str) -> int:
    return _waiting(rows).update(decided_org=org, decided_by=actor, decided_at=timezone.now())


def _waiting(rows: QuerySet[QuarantinedRow]) -> QuerySet[QuarantinedRow]:
    return rows.filter(applied_at=None).order_by()


def _by_ids(ids: Iterable[UUID]) -> QuerySet[QuarantinedRow]:
    return QuarantinedRow.objects.filter(pk__in=list(ids))
