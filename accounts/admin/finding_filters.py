"""Filters of the findings: what was found, how it stands, where, and about whom."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import AccessFinding, FindingState
from accounts.review.detectors import DETECTORS
from tenants.admin.base import scope_of
from tenants.models import Organization

# Organizations by name; the search finds the others.
OFFERED = 30
Findings = QuerySet[AccessFinding]


class DetectorFilter(admin.SimpleListFilter):
    """The kind of wrong access."""

    title = "detector"
    parameter_name = "detector"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(detector.name, detector.title) for detector in DETECTORS]

    def queryset(self, request: HttpRequest, queryset: Findings) -> Findings:
        return queryset.filter(detector=self.value()) if self.value() else queryset


class StateFilter(admin.SimpleListFilter):
    """Open ones unless somebody asks for others: that is what there is to do."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("accepted", "Accepted"), ("closed", "Closed"), ("any", "Any")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": "Open"} if choice["display"] == "All" else choice

    def queryset(self, request: HttpRequest, queryset: Findings) -> Findings:
        if self.value() == "any":
            return queryset
        return queryset.filter(state=self.value() or FindingState.OPEN)


class OrgFilter(admin.SimpleListFilter):
    """One organization among all."""

    title = "organization"
    parameter_name = "in"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if not scope_of(request).all_orgs:
            return []
        orgs = list(Organization.objects.order_by("name", "pk").values_list("pk", "name")[:OFFERED])
        return [(str(pk), name) for pk, name in orgs]

    def queryset(self, request: HttpRequest, queryset: Findings) -> Findings:
        return narrow(queryset, "org", self.value())


class PersonFilter(admin.SimpleListFilter):
    """One person; it is there while it is in force, and a finding's page leads to it."""

    title = "person"
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = self.used_parameters.get(self.parameter_name)
        found = narrow(AccessFinding.objects.all(), "user", chosen).values_list("email_lower", flat=True).first()
        return [(chosen, found)] if chosen and found else []

    def queryset(self, request: HttpRequest, queryset: Findings) -> Findings:
        return narrow(queryset, "user", self.value())


def narrow(findings: Findings, field: str, value: str | None) -> Findings:
    """By an id from the address, which may be anything."""
    if not value:
        return findings
    try:
        return findings.filter(**{field: value})
    except (ValidationError, ValueError):
        return findings.none()
